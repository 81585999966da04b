"""Pages as a person's browser shows them: Chromium, from disk, with the network off."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import factories
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bench.render.report import render_html

if TYPE_CHECKING:
    from collections.abc import Iterator

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
EXAMPLES = Path(__file__).parents[2] / "reports" / "examples"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@dataclass
class Heard:
    """What a page said and asked for while it was open."""

    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


class Opener:
    """Opens files in pages of their own, each with the network off and everything it says noted."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.contexts: list[Any] = []

    def __call__(
        self, path: Path, *, address: str = "", width: int = 1200, height: int = 900, **settings: Any
    ) -> tuple[Page, Heard]:
        """The page of a file, and what it says from now on.

        Args:
            path: of the file.
            address: what follows the # of its URL.
            width: pixels.
            height: pixels.
            settings: of a browser's context.
        """
        context = self.browser.new_context(offline=True, viewport={"width": width, "height": height}, **settings)
        self.contexts.append(context)
        page, heard = context.new_page(), Heard()
        page.on("console", lambda message: heard.messages.append(message.text))
        page.on("pageerror", lambda error: heard.messages.append(str(error)))
        page.on("request", lambda request: heard.requests.append(request.url))
        page.goto(f"{path.as_uri()}#{address}" if address else path.as_uri())
        return page, heard


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    if CHROMIUM is None:
        pytest.fail("There is no Chromium on the PATH: apt-get install chromium")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opener]:
    """Opens pages, and closes them after the test."""
    opener = Opener(browser)
    yield opener
    for context in opener.contexts:
        context.close()


@pytest.fixture(scope="session")
def grid_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a grid of sixty cells, one of whose trials failed."""
    path = tmp_path_factory.mktemp("pages") / "grid.html"
    path.write_text(render_html(factories.with_answers(factories.grid())), encoding="utf-8")
    return path


@pytest.fixture(scope="session")
def interactive_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a grid of sixty cells with charts to explore."""
    path = tmp_path_factory.mktemp("pages") / "interactive.html"
    path.write_text(render_html(factories.grid(), interactive=True), encoding="utf-8")
    return path
