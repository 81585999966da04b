"""The README's picture: the decision card of the grid's example report, and its chart of score against time.

`nox -s picture` runs it; it needs the system's Chromium.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
REPORT = ROOT / "reports" / "examples" / "mnist-grid" / "report.html"
PICTURE = ROOT / "docs" / "report.png"
KEPT = ("header > .card", "#score-against-time figure")
"""What of the report is in the picture."""

ALONE = """kept => {
  const parts = kept.map(selector => document.querySelector(selector))
  document.body.replaceChildren(...parts)
  for (const part of document.querySelectorAll('.saves, details')) part.remove()
  document.body.style.padding = '1rem 1.5rem'
}"""


def main() -> None:
    """Write the picture."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        page = opened.new_page(viewport={"width": 1080, "height": 760}, color_scheme="light", java_script_enabled=True)
        page.goto(REPORT.as_uri())
        page.evaluate(ALONE, list(KEPT))
        page.screenshot(path=PICTURE, full_page=True)
        opened.close()


if __name__ == "__main__":
    main()
