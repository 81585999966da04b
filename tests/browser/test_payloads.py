"""Pages, charts and Markdown of a hostile run in Chromium, with the content policy taken away: nothing of it acts."""

from __future__ import annotations

import re

import pytest
from cmarkgfm import github_flavored_markdown_to_html
from cmarkgfm.cmark import Options
from payloads.hostile import PLAIN, shown
from payloads.readers import findings
from payloads.texts import PAYLOADS
from payloads.writers import Written

POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
# every element by its name and the names of its attributes, and each attribute that is a program
ELEMENTS = """() => [...document.querySelectorAll('*')].map(one =>
  [one.localName, ...[...one.attributes].map(of => of.name).sort()].join(' '))"""
HANDLERS = """() => [...document.querySelectorAll('*')].flatMap(one => [...one.attributes]
  .filter(of => /^on/i.test(of.name) || /^\\s*(javascript|data:text)/i.test(of.value))
  .map(of => `${of.name}=${of.value}`))"""
FRAMED = "<!doctype html><meta charset=utf-8><title>x</title>"
# where a name may break, and where a label of a chart finds its room, names decide
NAMES = re.compile(r"wbr|b|span class|text( style)?( transform)?( x y)?")


def opened_pages(written, opened, folder):
    """By name, what each page holds, asked for and opened in front of its reader."""
    seen = {}
    for number, (name, made) in enumerate(written.items()):
        path = folder / f"{number}{'.svg' if made.kind == 'svg' else '.html'}"
        text = made.content
        if made.kind == "markdown":
            text = FRAMED + github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE)
        text, policies = POLICY.subn("", text)
        assert policies == (made.kind == "html")
        path.write_text(text, encoding="utf-8")
        page, heard = opened(path)
        dialogs = []
        page.on("dialog", lambda dialog, dialogs=dialogs: (dialogs.append(dialog.message), dialog.dismiss()))
        page.reload()
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        page.mouse.move(300, 300)
        page.wait_for_timeout(200)
        asked = {url for url in heard.requests if not url.startswith("data:") and url != path.as_uri()}
        asked = {url for url in asked if not re.search(r"/(charts/[\w-]+|chart)\.svg$", url)}  # beside a Markdown file
        seen[name] = (set(page.evaluate(ELEMENTS)), page.evaluate(HANDLERS), dialogs, asked)
        page.context.close()
    return seen


@pytest.mark.parametrize("name", ["classes", "values"])
def test_nothing_acts_without_a_policy(opened, name, tmp_path):
    """No element or handler that the clean page lacks, no dialog, and nothing is asked for."""
    clean = opened_pages(shown(name, PLAIN), opened, tmp_path)
    known = set().union(*(elements for elements, *_ in clean.values()))
    for first in range(0, len(PAYLOADS), 72):
        (folder := tmp_path / str(first)).mkdir()
        written = shown(name, PAYLOADS, first)
        # the report holds its charts: as files of their own they are opened once
        kept = {what: made for what, made in written.items() if made.kind != "svg" or not first}
        hostile = opened_pages(kept, opened, folder)
        for what, (elements, handlers, dialogs, asked) in hostile.items():
            new = {one for one in elements - (clean[what][0] if what in clean else known) if not NAMES.fullmatch(one)}
            assert (what, set(), [], [], set()) == (what, new, handlers, dialogs, asked)


@pytest.mark.parametrize("first", [0, 40, 80, 120, 160])
def test_what_the_page_copies_is_harmless(opened, tmp_path, first):
    """CSV, LaTeX and Markdown of the leaderboard, read back as the files that the harness writes are."""
    hostile, clean = (
        copies(opened, tmp_path / f"{number}.html", shown("classes", texts, first)["report.html"].content)
        for number, texts in enumerate((PAYLOADS, PLAIN))
    )
    for kind, text in hostile.items():
        assert [] == findings(Written("", kind, text), Written("", kind, clean[kind]))


def copies(opened, path, html):
    """What the three buttons put into the clipboard."""
    path.write_text(html, encoding="utf-8")
    page, _ = opened(path)
    page.evaluate("""Object.defineProperty(navigator, 'clipboard',
      {value: {writeText: async text => { window.copied = text }}})""")
    texts = {}
    for name, kind in (("CSV", "csv"), ("LaTeX", "latex"), ("Markdown", "markdown")):
        page.get_by_role("button", name=name, exact=True).click()
        texts[kind] = page.evaluate("window.copied")
    return texts


def test_what_acts_is_seen(opened, tmp_path):
    """The page of this test acts in each of these ways."""
    path = tmp_path / "acts.html"
    path.write_text("<!doctype html><p onclick=x>a<img src=http://a.example/x onerror=alert(1)>", encoding="utf-8")
    page, heard = opened(path)
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.reload()
    page.wait_for_timeout(300)
    assert ["1"] == dialogs
    assert 2 == len(page.evaluate(HANDLERS))
    assert "http://a.example/x" in heard.requests
    assert "p onclick" in page.evaluate(ELEMENTS)
