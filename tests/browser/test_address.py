"""What a reader takes away from a page: its address, which shows it as it was seen, and charts and tables as files."""

from __future__ import annotations

import csv
import io
import re
from xml.etree import ElementTree as ET

import pytest
from PIL import Image
from playwright.sync_api import expect


@pytest.fixture
def page(opened, grid_page):
    """The grid's report."""
    return opened(grid_page)[0]


def count(page):
    return page.locator(".count").first.text_content()


def test_the_address_holds_filter_order_and_columns(opened, grid_page, page):
    """Opened again, the page shows the same rows in the same order with the same columns."""
    page.get_by_role("searchbox").first.fill("mlp-64 -lr=0.5")
    page.get_by_role("columnheader", name="Train time").get_by_role("button").press("Enter")
    page.get_by_role("columnheader", name="Train time").get_by_role("button").press("Enter")
    page.get_by_text("Columns", exact=True).first.click()
    page.get_by_label("Test error").first.check()
    expect(page).to_have_url(re.compile("columns="))
    address = page.url.partition("#")[2]
    assert "filter=mlp-64%20-lr%3D0.5" in address

    def seen(of):
        return of.evaluate(
            """() => [...document.querySelector('table.leaderboard').rows].filter(row => !row.hidden)
              .map(row => [...row.cells].filter(cell => !cell.classList.contains('off')))
              .map(cells => cells.map(cell => cell.innerText))"""
        )

    again, heard = opened(grid_page, address=address)
    assert seen(page) == seen(again)
    assert count(page) == count(again)
    assert [] == heard.messages


def test_the_address_of_an_untouched_page_is_plain(page):
    """Nothing is written into it before a reader sets something, and it is plain again when all is set back."""
    assert "#" not in page.url
    page.get_by_role("searchbox").first.fill("mlp")
    expect(page).to_have_url(re.compile("filter=mlp"))
    page.get_by_role("searchbox").first.fill("")
    expect(page).to_have_url(re.compile(r"\.html$"))


def test_a_heading_has_a_link_to_itself(opened, grid_page, page):
    """By keyboard; open sections are part of it."""
    page.locator("main details").nth(1).locator("summary").click()
    expect(page).to_have_url(re.compile("open=1"))
    page.get_by_label("Link to Environment").press("Enter")
    assert "#environment;open=1" in page.url
    again, _ = opened(grid_page, address=page.url.partition("#")[2])
    assert again.locator("main details").nth(1).evaluate("fold => fold.open")
    expect(again.locator("#environment > h2")).to_be_in_viewport()


def test_a_page_that_is_loaded_again_stays_where_its_reader_was(opened, grid_page):
    """Its address names a section, which the reader has left meanwhile."""
    page, _ = opened(grid_page, address="environment;open=1")
    page.get_by_role("searchbox").first.scroll_into_view_if_needed()
    expect(page.locator("#environment > h2")).not_to_be_in_viewport()
    page.reload()
    expect(page.locator("main details").nth(1)).to_have_attribute("open", "")
    expect(page.get_by_role("searchbox").first).to_be_in_viewport()
    expect(page.locator("#environment > h2")).not_to_be_in_viewport()


def test_an_address_that_makes_no_sense_changes_nothing(opened, grid_page):
    """Damaged addresses are met in mail."""
    page, heard = opened(grid_page)
    rows = page.locator("table.leaderboard tbody tr:visible").count()
    for address in ("#;sort=99d", "#;open=99.x", "#nowhere;columns=", "#;filter"):
        page.goto(f"{grid_page.as_uri()}{address}")
        page.reload()
        assert [] == heard.messages
    page.goto(f"{grid_page.as_uri()}#")
    page.reload()
    assert rows == page.locator("table.leaderboard tbody tr:visible").count()


def test_a_chart_is_saved_as_svg_png_and_csv(page, tmp_path):
    """The SVG needs nothing of the page, the PNG has its shape, the CSV holds the numbers of the chart's table."""
    saved = {}
    for kind, label in (("svg", "Save {} as SVG"), ("png", "Save {} as PNG"), ("csv", "Save the numbers of {} as CSV")):
        with page.expect_download() as download:
            page.get_by_label(label.format("score-against-time"), exact=True).press("Enter")
        assert f"score-against-time.{kind}" == download.value.suggested_filename
        saved[kind] = tmp_path / f"chart.{kind}"
        download.value.save_as(saved[kind])
    text = saved["svg"].read_text(encoding="utf-8")
    drawing = ET.fromstring(text)  # noqa: S314  our own page wrote it
    assert drawing.tag == "{http://www.w3.org/2000/svg}svg"
    assert "var(--" not in text
    view = [float(part) for part in drawing.attrib["viewBox"].split()]
    with Image.open(saved["png"]) as picture:
        assert 1600 == picture.width
        assert pytest.approx(view[3] / view[2], abs=0.01) == picture.height / picture.width
        assert len(picture.convert("RGB").getcolors(2**24)) > 10
    rows = list(csv.reader(io.StringIO(saved["csv"].read_text(encoding="utf-8"))))
    table = page.locator("#score-against-time details table")
    assert len(rows) == table.locator("tr").count()
    assert rows[1][0] == table.locator("tbody tr").first.locator("th").text_content()


def test_a_cell_of_the_leaderboard_leads_to_its_section(opened, grid_page, page):
    """The link opens it, the address names it, and that address opens it again; by keyboard too."""
    link = page.locator("table.leaderboard tbody th a").nth(1)
    name = link.get_attribute("href").removeprefix("#")
    link.press("Enter")
    fold = page.locator(f"#{name}")
    expect(fold).to_have_attribute("open", "")
    expect(fold.locator("summary")).to_be_in_viewport()
    expect(page).to_have_url(re.compile(f"#{name};open={name}"))
    for address in (name, f"{name};open={name}", f";open={name}"):
        again, heard = opened(grid_page, address=address)
        expect(again.locator(f"#{name}")).to_have_attribute("open", "")
        assert 1 == again.locator("#cells details[open]").count()
        assert [] == heard.messages
