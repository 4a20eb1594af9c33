"""List and form know the protocols as the catalogue names them."""

import json

import pytest
from playwright.sync_api import Page, Route, expect

from batterysim.spec.protocols.protocol import PROTOCOL_KINDS
from tests.e2e.browser import Visitor

TITLES = {name: kind.title for name, kind in PROTOCOL_KINDS.items()}


def options(page: Page, label: str) -> dict[str, str]:
    """Return the values and texts of a field's options."""
    found = page.get_by_label(label).locator("option").all()
    return {option.get_attribute("value") or "": option.inner_text() for option in found}


def test_the_list_is_filtered_by_any_protocol(viewer: Visitor):
    viewer.open("#/?protocol=driveCycle")
    expect(viewer.page.get_by_label("Protocol").locator("option")).to_have_count(len(TITLES) + 1)

    assert options(viewer.page, "Protocol") == {"": "any", **TITLES}
    expect(viewer.page.get_by_label("Protocol")).to_have_value("driveCycle")


@pytest.mark.parametrize("name", TITLES)
def test_the_form_has_fields_for_each_protocol(editor: Visitor, name: str):
    editor.open("#/new")

    field = editor.page.get_by_label("What is done to the cell")
    field.select_option(name)

    group = editor.page.get_by_role("group", name="Protocol")
    expect(field).to_have_value(name)
    expect(group.locator("input, textarea, select").nth(1)).to_be_visible()


def test_the_form_refers_to_the_yaml_for_a_protocol_without_fields(editor: Visitor):
    def with_toy(route: Route) -> None:
        catalogue = route.fetch().json()
        catalogue["protocols"].append("toy")
        catalogue["protocolTitles"]["toy"] = "Toy"
        route.fulfill(body=json.dumps(catalogue), content_type="application/json")

    editor.page.route("**/v1/catalogue", with_toy)
    editor.open("#/new")

    editor.page.get_by_label("What is done to the cell").select_option("toy")

    expect(editor.page.get_by_text("This protocol has no fields here: write it in the YAML.")).to_be_visible()
    assert "toy: {}" in editor.page.get_by_label("YAML").input_value()
