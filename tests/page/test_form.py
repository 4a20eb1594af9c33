"""What the form writes: going on from the end of another simulation, a pack, measured data."""

import re

from playwright.sync_api import Locator, expect

from tests.e2e.browser import Visitor

LINK = "Go on from its end"
DATA = "Time [min],Voltage [mV]\n0,4056\n10,3831"


def yaml_of(visitor: Visitor) -> Locator:
    return visitor.page.get_by_label("YAML")


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


def test_a_pack_is_given_by_its_counts_and_resistances(editor: Visitor):
    editor.open("#/new")
    pack = editor.page.get_by_role("group", name="Pack")

    pack.get_by_label("Modules in series").fill("4")
    pack.get_by_label("Cells in parallel").fill("2")
    pack.get_by_label("Connection of a cell").fill("0,001")

    expect(yaml_of(editor)).to_have_value(
        re.compile(r"pack:\n\s+seriesCount: 4\n\s+parallelCount: 2\n\s+connectionResistanceOhms: 0\.001\n")
    )
    expect(editor.page.get_by_text("This can be run.")).to_be_visible()


def test_an_empty_pack_is_none(editor: Visitor):
    editor.open("#/new")
    series = editor.page.get_by_label("Modules in series")
    series.fill("4")
    expect(yaml_of(editor)).to_have_value(re.compile("pack:"))

    series.fill("")

    expect(yaml_of(editor)).not_to_have_value(re.compile("pack:"))


def test_a_pack_that_is_too_large_is_told_in_its_group(editor: Visitor):
    editor.open("#/new")

    editor.page.get_by_label("Modules in series").fill("1000")

    problem = editor.page.locator('[data-path="spec.pack.seriesCount"] .problem')
    expect(problem).to_contain_text("400")


def test_measured_data_are_compared_with(editor: Visitor):
    editor.open("#/new")
    group = editor.page.get_by_role("group", name="Measured data")

    group.get_by_label("Data", exact=True).fill(DATA)
    expect(editor.page.get_by_text("This can be run.")).to_be_visible()
    expect(yaml_of(editor)).to_have_value(re.compile(r"measured:\n\s+- quantity: Voltage\n\s+csv: \|-?\n"))
    group.get_by_label("Measured quantity").select_option("Current")

    problem = editor.page.locator('[data-path="spec.output.measured"] .problem')
    expect(problem).to_contain_text("Voltage")  # which the heading says
    expect(group.get_by_label("Data", exact=True)).to_have_value(DATA)
    group.get_by_label("Data", exact=True).fill("")
    expect(yaml_of(editor)).not_to_have_value(re.compile("measured:"))


def test_several_series_are_left_to_the_yaml(editor: Visitor):
    editor.open("#/new")
    yaml = yaml_of(editor)
    series = "".join(
        f'    - {{quantity: {name}, csv: "0,4\\n10,4"}}\n' for name in ("Voltage", "Temperature")
    )

    yaml.fill(yaml.input_value() + f"  output:\n    measured:\n{series}")

    group = editor.page.get_by_role("group", name="Measured data")
    expect(group.get_by_text("change them in the YAML")).to_be_visible()
    expect(group.locator("textarea")).to_have_count(0)
