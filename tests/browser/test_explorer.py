"""The charts to explore of an interactive report: tooltips, rectangle, zoom and curves, by mouse and by keyboard."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import expect

NAMES = """() => [...document.querySelectorAll('#explore-rows tbody tr')].filter(row => !row.hidden)
  .map(row => [row.querySelector('label').textContent,
    ...[...row.cells].slice(1).map(cell => cell.firstChild.textContent)])"""


@pytest.fixture
def page(opened, interactive_page):
    """The report of a grid, once its plots are drawn."""
    return drawn(opened(interactive_page)[0])


def drawn(page):
    expect(page.locator("#explore-plot svg g.mark-symbol")).to_have_count(2)
    expect(page.locator("#explore-curves-plot svg")).to_be_visible()
    return page


def rows(page):
    """What the table says of the cells drawn: label, rank, across, up, Pareto front, trials."""
    return page.evaluate(NAMES)


def chosen(page):
    return page.locator("#explore-rows tbody tr:visible", has=page.locator("input:checked")).locator("label")


def ticks(page):
    """The numbers beside the axes of the plot."""
    return page.locator("#explore-plot g.role-axis-label text").all_text_contents()


def test_the_pareto_front_is_that_of_the_static_chart(page):
    """The cells that the table marks are those of the chart below."""
    static = page.evaluate("""() => [...document.querySelectorAll('#score-against-time details tbody tr')]
      .filter(row => row.cells[5].textContent === 'yes').map(row => row.cells[0].textContent)""")
    assert static
    assert sorted(static) == sorted(row[0] for row in rows(page) if row[4] == "yes")


def test_a_setting_that_is_not_ticked_leaves_its_cells_out(page):
    """Of the plot, the table and the curves; the button brings them back."""
    page.locator("#explore-settings fieldset", has_text="learning_rate").get_by_label("0.5").uncheck()
    expect(page.locator("#explore-tally")).to_have_text(re.compile(r"^\d+ of 60 cells$"))
    expect(page.locator("#explore-tally")).not_to_have_text("60 of 60 cells")
    assert not [name for name, *_ in rows(page) if "lr=0.5" in name]
    expect(page.locator("#explore-curves-key")).not_to_contain_text("lr=0.5")
    page.get_by_role("button", name="All settings").click()
    expect(page.locator("#explore-tally")).to_have_text("60 of 60 cells")


def test_a_mark_says_its_cell_on_pointing(page):
    """With every figure of the cell, as the report prints them."""
    mark = page.locator("#explore-plot g.mark-symbol").last.locator("path").first
    mark.scroll_into_view_if_needed()
    mark.hover(force=True)
    tip = page.locator("#explore-tip")
    expect(tip).to_be_visible()
    name = tip.locator("b").text_content()
    row = next(row for row in rows(page) if row[0] == name)
    expect(tip).to_contain_text(row[2])
    expect(tip).to_contain_text(row[3])
    expect(page.locator("#explore-rows tr.lit label")).to_have_text(name)


def test_marks_are_reached_and_chosen_by_keyboard(page):
    """Arrows move along an axis and show the tooltip, Enter chooses, Escape hides the tooltip."""
    plot, tip = page.locator("#explore-plot"), page.locator("#explore-tip")
    plot.focus()
    page.keyboard.press("ArrowRight")
    expect(tip).to_be_visible()
    first = tip.locator("b").text_content()
    page.keyboard.press("ArrowRight")
    expect(tip.locator("b")).not_to_have_text(first)
    page.keyboard.press("ArrowLeft")
    expect(tip.locator("b")).to_have_text(first)
    page.keyboard.press("Enter")
    expect(page.locator("#explore-tally")).to_have_text("60 of 60 cells, 1 chosen")
    expect(chosen(page)).to_have_text([first])
    expect(page.locator("#explore-curves-key li")).to_have_text([first])
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()


def test_a_rectangle_is_typed(page):
    """It chooses the cells between its ends, and zooms to them; all of it by keyboard."""
    expected = [name for name, _, _, up, *_ in rows(page) if float(up.split()[0]) >= 97]
    assert 0 < len(expected) < 60
    page.locator("#explore-up-from").fill("97")
    page.keyboard.press("Tab")
    expect(page.locator("#explore-tally")).to_have_text(f"60 of 60 cells, {len(expected)} chosen")
    assert sorted(expected) == sorted(chosen(page).all_text_contents())
    before = ticks(page)
    page.get_by_role("button", name="Zoom in").press("Enter")
    expect(page.get_by_role("button", name="Whole plot")).to_be_enabled()
    expect(page.locator("#explore-plot g.role-axis-label text").filter(has_text=before[-2])).to_have_count(0)
    page.get_by_role("button", name="Whole plot").press("Enter")
    expect(page.get_by_role("button", name="Whole plot")).to_be_disabled()
    drawn(page)
    assert before == ticks(page)
    page.get_by_role("button", name="Clear selection").press("Enter")
    expect(page.locator("#explore-tally")).to_have_text("60 of 60 cells")


def test_a_rectangle_is_dragged(page):
    """It chooses what lies in it, and its ends stand in the fields."""
    plot = page.locator("#explore-plot")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.45, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.98, box["y"] + 250, steps=4)
    page.mouse.up()
    expect(page.locator("#explore-tally")).to_have_text(re.compile(r", \d+ chosen$"))
    low, high = (float(page.locator(f"#explore-up-{end}").input_value()) for end in ("from", "to"))
    inside = {name: float(up.split()[0]) for name, _, _, up, *_ in rows(page)}
    assert all(low - 0.1 <= inside[name] <= high + 0.1 for name in chosen(page).all_text_contents())


def test_curves_are_zoomed(page):
    """Between two epochs, typed or dragged over, and whole again."""
    epochs = page.locator("#explore-curves-plot g.role-axis-label").first.locator("text")
    whole = epochs.all_text_contents()
    page.locator("#explore-over-from").fill("2")
    page.keyboard.press("Tab")
    page.locator("#explore-over-to").fill("3")
    page.keyboard.press("Tab")
    expect(epochs).to_have_text(["2", "3"])
    page.get_by_role("button", name="Whole curves").press("Enter")
    expect(epochs).to_have_text(whole)
    plot = page.locator("#explore-curves-plot")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 100)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.95, box["y"] + 150, steps=4)
    page.mouse.up()
    expect(page.locator("#explore-over-from")).not_to_have_value("")
    expect(epochs).not_to_have_text(whole)


def test_the_address_holds_what_was_chosen(opened, interactive_page, page):
    """Opened again, the page draws the same cells on the same axes, with the same choice and zoom."""
    page.locator("#explore-settings fieldset", has_text="learning_rate").get_by_label("0.05").uncheck()
    page.locator("#explore-across").select_option(label="parameters")
    page.locator("#explore-colour").select_option("learning_rate")
    page.locator("#explore-up-from").fill("96")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Zoom in").click()
    page.locator("#explore-curve").select_option(index=1)
    expect(page).to_have_url(re.compile("zoom=.*curves="))
    again, heard = opened(interactive_page, address=page.url.partition("#")[2])
    expect(again.locator("#explore-tally")).to_have_text(page.locator("#explore-tally").text_content())
    drawn(again)
    assert rows(page) == rows(again)
    assert sorted(chosen(page).all_text_contents()) == sorted(chosen(again).all_text_contents())
    assert ticks(page) == ticks(again)
    assert page.locator("#explore-key").inner_text() == again.locator("#explore-key").inner_text()
    assert page.locator("#explore-curve").input_value() == again.locator("#explore-curve").input_value()
    assert [] == heard.messages


def test_a_damaged_address_draws_the_plot_all_the_same(opened, interactive_page):
    """Without a message."""
    parts = "settings=1x;axes=99l.-1;zoom=-5_0_1_2;cells=999.x;curves=9~~never~5_x;rectangle=a_b_c_d_e"
    page, heard = opened(interactive_page, address=f"explore;{parts}")
    drawn(page)
    assert [] == heard.messages


def test_a_plot_is_saved(page, tmp_path):
    """As it is drawn, with the colours of the page."""
    with page.expect_download() as download:
        page.get_by_label("Save explore as SVG", exact=True).press("Enter")
    download.value.save_as(tmp_path / "plot.svg")
    text = (tmp_path / "plot.svg").read_text(encoding="utf-8")
    assert "var(--" not in text
    assert ET.fromstring(text).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314  our own page wrote it


def test_paper_and_pages_without_scripts_have_the_static_charts(opened, interactive_page, page):
    """Nothing of the plots to explore is there, and a sentence says so where scripts are off."""
    page.emulate_media(media="print")
    plain, _ = opened(interactive_page, java_script_enabled=False)
    for seen in (page, plain):
        expect(seen.locator(".explore")).to_be_hidden()
        expect(seen.locator("#score-against-time svg")).to_be_visible()
    expect(plain.locator("noscript p")).to_be_visible()
