"""What a reader can do with the leaderboard: sort, filter, choose columns, copy; by mouse, by keyboard, by eye."""

from __future__ import annotations

import csv
import io
import re

import pytest
from playwright.sync_api import expect

ROWS = "table.leaderboard tbody tr"


def column(page, heading: str) -> list[str]:
    """The main text of a column's visible cells."""
    return page.evaluate(
        """heading => {
          const table = document.querySelector('table.leaderboard')
          const index = [...table.tHead.rows[0].cells].findIndex(head => head.dataset.name === heading)
          const rows = [...table.tBodies[0].rows].filter(row => !row.hidden)
          return rows.map(row => row.cells[index].firstChild.textContent.trim())
        }""",
        heading,
    )


def percents(texts: list[str]) -> list[float]:
    return [float(text.removesuffix(" %")) for text in texts if text != "-"]


@pytest.fixture
def page(opened, grid_page):
    """The grid's report with a clipboard."""
    return opened(grid_page, permissions=["clipboard-read", "clipboard-write"])[0]


def test_it_sorts_by_number_and_back(page):
    """Largest first as it comes, then smallest first; what is missing stays at the end; a screen reader hears of it."""
    head = page.get_by_role("columnheader", name="Accuracy")
    assert "descending" == head.get_attribute("aria-sort")
    assert percents(column(page, "Accuracy")) == sorted(percents(column(page, "Accuracy")), reverse=True)
    head.get_by_role("button").click()
    assert "ascending" == head.get_attribute("aria-sort")
    assert percents(column(page, "Accuracy")) == sorted(percents(column(page, "Accuracy")))
    assert "Sorted by Accuracy, smallest first." == page.get_by_role("status").text_content()
    head.get_by_role("button").click()
    assert "descending" == head.get_attribute("aria-sort")
    rank = page.get_by_role("columnheader", name="Rank")
    rank.get_by_role("button").click()
    assert "ascending" == rank.get_attribute("aria-sort")
    assert [int(text) for text in column(page, "Rank")] == sorted(int(text) for text in column(page, "Rank"))


def test_it_sorts_times_by_their_length_and_not_their_text(page):
    """1 min 30 s comes after 9.2 s."""
    head = page.get_by_role("columnheader", name="Train time").get_by_role("button")
    head.click()
    assert "ascending" == page.get_by_role("columnheader", name="Train time").get_attribute("aria-sort")
    head.click()
    lengths = page.evaluate(f"[...document.querySelectorAll('{ROWS}')].map(row => Number(row.cells[5].dataset.key))")
    assert lengths == sorted(lengths, reverse=True)
    assert any("min" in text for text in column(page, "Train time"))


def test_it_sorts_by_keyboard(page):
    """A header is a button: reached by Tab, pressed by Enter and by Space."""
    head = page.get_by_role("columnheader", name="Parameters")
    head.get_by_role("button").focus()
    page.keyboard.press("Enter")
    assert "ascending" == head.get_attribute("aria-sort")
    page.keyboard.press("Space")
    assert "descending" == head.get_attribute("aria-sort")


def test_it_filters_by_words_and_by_what_they_are_not(page):
    """All words must be there, none with a minus may; the count says how much is left."""
    box = page.get_by_role("searchbox", name="Filter the rows")
    box.fill("mlp-128 -lr=0.5")
    names = column(page, "Cell")
    assert 12 == len(names)
    assert all("mlp-128" in name for name in names)
    assert "12 of 60 rows" == page.locator(".count").text_content()
    box.fill("nothing like it")
    assert [] == column(page, "Cell")
    assert "No row matches." == page.locator(".count").text_content()
    box.fill("")
    assert 60 == len(column(page, "Cell"))


def test_columns_can_be_chosen(page):
    """A column that is not shown at first is a tick away; Escape closes the list and gives the focus back."""
    head = page.locator("table.leaderboard thead th", has_text="Latency")
    assert not head.is_visible()
    page.get_by_text("Columns", exact=True).click()
    page.get_by_label("Latency").check()
    assert head.is_visible()
    page.get_by_label("Parameters").uncheck()
    assert not page.locator("table.leaderboard thead th", has_text="Parameters").is_visible()
    page.keyboard.press("Escape")
    assert not page.get_by_label("Latency").is_visible()
    assert "Columns" == page.evaluate("document.activeElement.textContent")


def copied(page, name: str) -> str:
    page.get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_role("status")).to_have_text(re.compile(f"as {name}\\.$"))
    return page.evaluate("navigator.clipboard.readText()")


def test_what_is_shown_is_what_is_copied(page):
    """CSV, LaTeX and Markdown of the rows and columns in sight."""
    page.get_by_role("searchbox").fill("mlp-512 lr=0.1")
    shown = column(page, "Accuracy")
    rows = list(csv.reader(io.StringIO(copied(page, "CSV"))))
    expected = ["Rank", "Cell", "Accuracy, fraction", "95 % interval, fraction, low", "95 % interval, fraction, high"]
    assert expected == rows[0][:5]
    assert {"mlp-512[lr=0.1,batch=32]", "mlp-512[lr=0.1,batch=64]"} <= {row[1] for row in rows[1:]}
    assert shown == [f"{float(row[2]):.2%}".replace("%", " %") for row in rows[1:]]
    assert all(float(row[3]) <= float(row[2]) <= float(row[4]) for row in rows[1:])
    assert "Train time, s" in rows[0]
    assert "Latency" not in rows[0]
    latex = copied(page, "LaTeX")
    assert latex.startswith("\\begin{tabular}{")
    assert len(shown) == latex.count("mlp-512[")
    assert shown[0].replace("%", "\\%") in latex
    markdown = copied(page, "Markdown")
    assert 2 + len(shown) == len(markdown.strip().splitlines())
    assert "mlp-512\\[lr=0.1,batch=32\\]" in markdown


def test_colours_can_be_changed(page):
    """As the system, light, dark, and round again."""
    button = page.get_by_role("button", name=re.compile("Colours"))
    seen = []
    for _ in range(4):
        seen.append((button.text_content(), page.evaluate("getComputedStyle(document.body).backgroundColor")))
        button.click()
    white, black = "rgb(255, 255, 255)", "rgb(20, 23, 26)"
    assert [
        ("Colours: as the system", white), ("Colours: light", white), ("Colours: dark", black),
        ("Colours: as the system", white),
    ] == seen  # fmt: skip


def test_without_a_script_it_is_a_plain_table(opened, grid_page):
    """Every row and every column stands there, and no control that would do nothing."""
    page, heard = opened(grid_page, java_script_enabled=False)
    assert [] == heard.messages
    assert 60 == page.locator(ROWS).count()
    for heading in ("Accuracy", "Latency", "Command"):
        assert page.locator("table.leaderboard thead th", has_text=heading).is_visible()
    assert 0 == page.locator("button, input").count()


def test_ten_rows_at_first_and_all_by_a_button(page):
    """The first chart is near; sorting and copying are of all rows; the keyboard reaches the button."""
    seen = "[...document.querySelectorAll('table.leaderboard tbody tr')].filter(row => row.offsetHeight).length"
    assert 10 == page.evaluate(seen)
    assert page.locator("#score-against-time").bounding_box()["y"] < 2 * 900
    button = page.get_by_role("button", name="Show all 60 rows")
    assert "false" == button.get_attribute("aria-expanded")
    page.get_by_role("columnheader", name="Accuracy").get_by_role("button").click()
    names = "[...document.querySelectorAll('table.leaderboard tbody tr')].map(row => row.cells[2].textContent)"
    lowest = page.evaluate(names)[0]
    assert page.get_by_text(lowest.split("SD")[0].strip()).first.is_visible()
    assert 61 == len(list(csv.reader(io.StringIO(copied(page, "CSV")))))
    button.focus()
    page.keyboard.press("Enter")
    assert 60 == page.evaluate(seen)
    page.get_by_role("button", name="Show 10 rows").click()
    assert 10 == page.evaluate(seen)
    page.get_by_role("searchbox").fill("mlp-128")
    assert page.evaluate(seen) == len(column(page, "Cell")) > 10


def test_the_axes_of_the_grid_are_columns_that_sort_as_numbers(page):
    """Learning rates and batch sizes by their size, not by their text."""
    for heading in ("lr", "batch"):
        page.get_by_role("columnheader", name=heading, exact=True).get_by_role("button").click()
        values = [float(text) for text in column(page, heading)]
        assert values == sorted(values)
        assert len(set(values)) > 1
