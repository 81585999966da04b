"""Every page this project writes: quiet, self-contained, accessible, and nothing on it is cut off."""

from __future__ import annotations

import re
from pathlib import Path

import factories
import pytest
from axe_playwright_python.sync_playwright import Axe
from pypdf import PdfReader

from bench.analyse.compare.comparison import compare
from bench.analyse.compare.party import party_of_run
from bench.analyse.entry import run_entry
from bench.render.compare.page import compare_html
from bench.render.index.context import PAGES, Folder
from bench.render.index.page import index_html
from bench.render.report import render_html

EXAMPLES = sorted((Path(__file__).parents[2] / "reports" / "examples").glob("*/*.html"))
SCREENS = {"light": {"color_scheme": "light"}, "dark": {"color_scheme": "dark"}, "phone": {"width": 390, "height": 844}}
CUT_OFF = """() => [...document.querySelectorAll('figure svg')].flatMap(svg => {
  const frame = svg.getBoundingClientRect()
  return [...svg.querySelectorAll('text')].filter(text => {
    const box = text.getBoundingClientRect()
    return box.width && (box.left < frame.left - 1 || box.right > frame.right + 1
      || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
  }).map(text => `${svg.getAttribute('aria-labelledby')}: ${text.textContent}`)
})"""
OVERLAPPING = """() => [...document.querySelectorAll('figure svg')].flatMap(svg => {
  const turned = text => /rotate\\((?!-?0\\b)/.test(text.getAttribute('transform') ?? '')
  const texts = [...svg.querySelectorAll('text')].filter(text => !turned(text))
  const boxes = texts.map(text => [text.textContent.trim(), text.getBoundingClientRect()]).filter(([word]) => word)
  const found = []
  boxes.forEach(([word, a], index) => boxes.slice(index + 1).forEach(([other, b]) => {
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left)
    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top)
    if (wide > 2 && high > 4) found.push(`${svg.getAttribute('aria-labelledby')}: ${word} / ${other}`)
  }))
  return found
})"""


def hostile():
    of = factories.cell(factories.HOSTILE, parameters={"x<y>": factories.HOSTILE, "hidden": [1]}, named=("x<y>",))
    trials = [
        factories.trial(of, 1),
        factories.trial(of, 2, accuracy=0.97),
        factories.failed(of, 3, reason=factories.HOSTILE),
    ]
    return factories.result(*trials, suite_name=factories.HOSTILE, notices=(factories.HOSTILE,))


def indexed():
    """Folders of three runs of one suite, and of one with hostile names."""
    runs = [factories.seeded_run(f"run-{n}", {"a": [0.98 + n / 1e3, 0.981], "b": [0.95, 0.96]}) for n in range(3)]
    found = [Folder(path=f"study/{run.run.run_id}", entry=run_entry(run, None), files=PAGES) for run in runs]
    return [*found, Folder(path="a b/<i>", entry=run_entry(hostile(), None), files=())]


@pytest.fixture(scope="session")
def pages(tmp_path_factory, grid_page, interactive_page):
    """By name, a file of every kind of page."""
    folder = tmp_path_factory.mktemp("kinds")
    before = party_of_run(factories.seeded_run("run-a", {"a": [0.98, 0.981, 0.979], "b": [0.95, 0.96, 0.955]}))
    after = party_of_run(factories.seeded_run("run-b", {"a": [0.96, 0.961, 0.959], "b": [0.95, 0.96, 0.951]}))
    made = {
        "study": render_html(factories.with_answers(factories.reference_study())),
        "hostile": render_html(hostile()),
        "compare": compare_html(compare(before, after)),
        "index": index_html(indexed(), {"<b>/run": factories.HOSTILE}, ["compare-a-b.html"]),
    }
    files = {
        "grid": grid_page,
        "interactive": interactive_page,
        **{f"example-{path.parent.name}-{path.stem}": path for path in EXAMPLES},
    }
    for name, html in made.items():
        files[name] = folder / f"{name}.html"
        files[name].write_text(html, encoding="utf-8")
    return files


NAMES = [
    "study",
    "grid",
    "hostile",
    "compare",
    "interactive",
    "index",
    *(f"example-{p.parent.name}-{p.stem}" for p in EXAMPLES),
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("screen", SCREENS)
def test_a_page_is_quiet_and_asks_for_nothing(opened, pages, name, screen):
    """No console message, no request but for the file itself, and no page wider than its screen."""
    page, heard = opened(pages[name], **SCREENS[screen])
    page.wait_for_timeout(300)
    assert [] == heard.messages
    assert [pages[name].as_uri()] == [url for url in heard.requests if not url.startswith("data:")]
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing(opened, pages, name, screen):
    """No violation of what axe checks (WCAG 2 A and AA, best practices), with every detail opened."""
    page, _ = opened(pages[name], **SCREENS[screen])
    page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true")
    found = Axe().run(page)
    told = [(one["id"], one["nodes"][0]["html"][:200]) for one in found.response["violations"]]
    assert [] == told


@pytest.mark.parametrize("name", [name for name in NAMES if name != "interactive"])
def test_no_text_of_a_chart_is_cut_off_or_covered(opened, pages, name):
    """Every label lies inside its drawing and on no other label."""
    page, _ = opened(pages[name], width=1400)
    assert [] == page.evaluate(CUT_OFF)
    assert [] == page.evaluate(OVERLAPPING)


@pytest.mark.parametrize("name", ["study", "grid", "interactive", "compare"])
def test_a_page_prints(opened, pages, name, tmp_path):
    """On paper the tools are gone, colours are those of a light page, and no table is cut at the margin."""
    page, _ = opened(pages[name], color_scheme="dark", width=720)
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") in {
        "rgb(255, 255, 255)",
        "rgba(0, 0, 0, 0)",
    }
    assert not page.locator(".tools").is_visible() if page.locator(".tools").count() else True
    assert page.pdf(path=tmp_path / "page.pdf", format="A4").startswith(b"%PDF")


def test_a_long_table_has_its_headings_on_every_printed_page(opened, pages, tmp_path):
    """The leaderboard of sixty cells runs over several sheets, each of which says what its columns are."""
    page, _ = opened(pages["grid"], width=720)
    page.emulate_media(media="print")
    page.pdf(path=tmp_path / "page.pdf", format="A4")
    sheets = [sheet.extract_text() for sheet in PdfReader(tmp_path / "page.pdf").pages]
    first = next(number for number, text in enumerate(sheets) if "Leaderboard" in text and "Rank" in text)
    rows = [number for number, text in enumerate(sheets) if re.search(r"SD\s+[\d.]+", text)]
    assert len(rows) > 2
    assert rows[0] == first
    assert all("Rank" in sheets[number] for number in rows)


def test_a_telephone_shows_all_marks_of_the_class_chart(opened, pages):
    """The winner's marks are at the right: nothing of the drawing is outside the screen."""
    page, _ = opened(pages["grid"], width=390, height=844)
    box = page.locator("#class-accuracy figure svg").bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
