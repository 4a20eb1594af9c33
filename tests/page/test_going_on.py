"""A simulation that goes on from the end of another one is written in the form."""

import re

from playwright.sync_api import expect

from tests.e2e.browser import Visitor

LINK = "Go on from its end"


def test_a_result_leads_to_a_form_that_goes_on_from_it(editor: Visitor):
    page = editor.page
    editor.open("#/simulations/default/us06-drive-cycle")

    page.get_by_role("link", name=LINK).click()

    expect(page.get_by_text("from the end of default/us06-drive-cycle")).to_be_visible()
    expect(page.get_by_label("Go on from")).to_have_value("us06-drive-cycle")
    expect(page.get_by_text("This can be run.")).to_be_visible()
    yaml = page.get_by_label("YAML").input_value()
    assert "fromResult: us06-drive-cycle\n" in yaml
    assert "initialStateOfCharge" not in yaml
    assert "name: us06-drive-cycle\n" not in yaml.partition("spec:")[0]


def test_one_state_at_the_start_takes_the_place_of_the_other(editor: Visitor):
    page = editor.page
    editor.open("#/new")
    yaml = page.get_by_label("YAML")
    expect(yaml).to_have_value(re.compile("initialStateOfCharge"))

    page.get_by_label("Go on from").fill("charged")

    expect(yaml).to_have_value(re.compile(r"initialState:\n\s+fromResult: charged\n"))
    expect(yaml).not_to_have_value(re.compile("initialStateOfCharge"))
    page.get_by_label("State at the start", exact=True).fill("0.5")
    expect(yaml).to_have_value(re.compile(r"initialStateOfCharge: 0\.5\n"))
    expect(yaml).not_to_have_value(re.compile("fromResult"))
    expect(page.get_by_text("This can be run.")).to_be_visible()


def test_a_name_that_cannot_be_is_told_at_its_field(editor: Visitor):
    page = editor.page
    editor.open("#/new")

    page.get_by_label("Go on from").fill("../other/cell")

    problem = page.locator('[data-path="spec.cell.initialState.fromResult"] .problem')
    expect(problem).not_to_be_empty()


def test_what_has_no_state_is_not_offered(editor: Visitor):
    editor.open("#/simulations/default/impedance")

    expect(editor.page.get_by_role("link", name="Run again with changes")).to_be_visible()
    expect(editor.page.get_by_role("link", name=LINK)).to_have_count(0)


def test_a_viewer_is_not_offered_it(viewer: Visitor):
    viewer.open("#/simulations/default/us06-drive-cycle")

    expect(viewer.page.get_by_role("link", name="Compare")).to_be_visible()
    expect(viewer.page.get_by_role("link", name=LINK)).to_have_count(0)
