"""The page's form in a real browser against a real cluster: fields, YAML, check and submission."""

import json
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from devtools.kube import Kube, Manifest
from playwright.sync_api import Page, Route, expect

from tests.e2e.browser import Visitor


@pytest.fixture
def name() -> str:
    return f"page-{uuid.uuid4().hex[:8]}"


def problem_of(page: Page, path: str) -> Any:
    return page.locator(f'[data-path="{path}"] .problem')


def test_each_problem_is_told_at_its_field_while_typing(editor: Visitor):
    page = editor.page
    editor.open("#/new")
    expect(page.get_by_text("This can be run.")).to_be_visible()

    page.get_by_label("Ambient temperature").fill("500")
    page.get_by_label("Upper cut-off").fill("2")
    page.get_by_label("Duration", exact=True).fill("an hour")
    page.get_by_label("Namespace", exact=True).fill("Not A Namespace")

    expect(page.get_by_text("This cannot be run yet.")).to_be_visible()
    expect(problem_of(page, "metadata.namespace")).not_to_be_empty()
    page.get_by_label("Namespace", exact=True).fill("default")
    expect(problem_of(page, "spec.cell.ambientTemperatureCelsius")).to_contain_text("120, not 500")
    expect(problem_of(page, "spec.protocol.constantCurrent.durationSeconds")).to_contain_text("not 'an hour'")
    page.get_by_label("Duration", exact=True).fill("2")
    page.get_by_label("Ambient temperature").fill("10")
    expect(problem_of(page, "spec.cell.upperCutoffVolts")).to_contain_text("2 V")
    page.get_by_label("Upper cut-off").fill("")

    expect(page.get_by_text("This can be run.")).to_be_visible()


def test_every_preset_of_the_form_can_be_run(editor: Visitor):
    page = editor.page
    editor.open("#/new")
    protocols = page.get_by_label("What is done to the cell")
    protocols.locator("option").nth(1).wait_for(state="attached")  # they come from the catalogue

    for option in protocols.locator("option").all():
        protocols.select_option(option.get_attribute("value"))
        expect(page.locator(".check-valid"), option.inner_text()).to_be_visible()
    cells = page.get_by_label("Cell", exact=True)
    protocols.select_option("rest")
    cells.locator("option").nth(1).wait_for(state="attached")
    for option in cells.locator("option").all():
        cells.select_option(option.get_attribute("value"))
        page.get_by_label("State at the start", exact=True).fill("")
        expect(page.locator(".check-valid"), option.inner_text()).to_be_visible()


def test_form_and_yaml_are_the_same_manifest(editor: Visitor):
    page = editor.page
    editor.open("#/new")
    yaml = page.get_by_label("YAML")

    yaml.fill(yaml.input_value().replace("Chen2020", "Marquis2019"))
    expect(page.get_by_label("Cell", exact=True)).to_have_value("parameterSet Marquis2019")
    page.get_by_label("Cell", exact=True).select_option("preset LGM50")
    expect(yaml).to_have_value(re.compile("preset: LGM50"))
    yaml.fill("spec: [")

    expect(page.get_by_role("button", name="Run the simulation")).to_be_disabled()
    expect(page.locator(".check .problem")).not_to_be_empty()


def test_whatever_is_written_as_yaml_leaves_the_form_usable(editor: Visitor):
    page = editor.page
    editor.open("#/new")
    head = {"apiVersion": "batterysim.dev/v1alpha1", "kind": "BatterySimulation", "metadata": {}}
    rest = {"cell": {"parameterSet": "Chen2020"}, "protocol": {"rest": {"durationSeconds": 60}}}
    wrong: list[Any] = [
        {**head, "spec": {**rest, "protocol": {"experiment": {"steps": "Rest for 1 hour"}}}},
        {**head, "spec": {**rest, "protocol": {"driveCycle": "US06"}}},
        {**head, "spec": {**rest, "protocol": {"profile": {"csv": [1], "quantity": {"a": 1}}}}},
        {**head, "spec": {**rest, "cell": {"parameterSet": {}, "initialStateOfCharge": [1]}}},
        {**head, "spec": {**rest, "model": {"family": ["DFN"], "options": "thermal"}}},
        {**head, "spec": {**rest, "model": {"options": {"thermal": {"a": None}}}}},
        {**head, "metadata": 5, "spec": "none"},
        {**head, "spec": {**rest, "protocol": None}},
    ]

    for manifest in wrong:
        page.get_by_label("YAML").fill(json.dumps(manifest))
        expect(page.locator(".check-invalid"), json.dumps(manifest)).to_be_visible()
    page.get_by_label("YAML").fill(json.dumps(wrong[0]))
    expect(page.get_by_label("Steps")).to_have_value("Rest for 1 hour")
    page.reload()
    expect(page.get_by_label("Steps")).to_have_value("Rest for 1 hour")


def test_a_view_that_fails_can_be_started_over(editor: Visitor):
    page = editor.page
    editor.open()
    page.evaluate("sessionStorage.setItem('batterysim-draft', '{')")

    page.get_by_role("link", name="New", exact=True).click()
    expect(page.get_by_role("heading", name="This view has failed")).to_be_visible()
    page.get_by_role("button", name="Start over").click()

    expect(page.get_by_text("This can be run.")).to_be_visible()


def test_signing_in_anew_submits_nothing_and_keeps_what_is_written(kube: Kube, editor: Visitor, name: str):
    page = editor.page
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    expired = {"authorization": "Bearer no.such.token"}
    page.route("**/v1/validate", lambda route: route.continue_(headers={**route.request.headers, **expired}))
    editor.open("#/new")
    page.get_by_label("Name", exact=True).fill(name)
    expect(page.get_by_label("Token of the cluster")).to_be_visible()
    page.unroute("**/v1/validate")

    editor.sign_in(kube.reader_token())

    expect(page.get_by_text("This can be run.")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value(name)
    assert not [line for line in sent if line.startswith("POST") and line.endswith("/v1/simulations")]


def test_trying_again_after_a_lost_answer_makes_no_second_simulation(kube: Kube, editor: Visitor, name: str):
    def lose_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page = editor.page
    editor.open("#/new")
    page.get_by_label("Name", exact=True).fill(name)
    page.route("**/v1/simulations", lose_answer, times=1)
    page.get_by_role("button", name="Run the simulation").click()
    expect(page.get_by_text("trying again is safe")).to_be_visible()
    assert kube.exists(name)

    page.reload()
    page.get_by_role("button", name="Run the simulation").click()

    expect(page.get_by_role("heading", name=name)).to_be_visible()


def test_who_leaves_while_the_answer_is_awaited_is_not_called_away(kube: Kube, editor: Visitor, name: str):
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page = editor.page
    editor.open("#/new")
    page.get_by_label("Name", exact=True).fill(name)
    page.route("**/v1/simulations", hold, times=1)
    with page.expect_request("**/v1/simulations"):
        page.get_by_role("button", name="Run the simulation").click()
    page.goto(f"{page.url.partition('#')[0]}#/compare")
    expect(page.get_by_role("heading", name="Compare")).to_be_visible()

    held[0].continue_()

    expect(page.get_by_text(f"{name} is submitted")).to_be_attached()
    expect(page).to_have_url(re.compile("#/compare$"))
    page.get_by_role("link", name="New", exact=True).click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("")


def test_new_is_new_also_after_another_runs_spec(
    kube: Kube, editor: Visitor, simulation: Callable[..., Manifest]
):
    before = kube.create(simulation(solver={"relativeTolerance": 1e-5}))["metadata"]["name"]
    yaml = editor.page.get_by_label("YAML")
    editor.open(f"#/new?from={kube.namespace}/{before}")
    expect(yaml).to_have_value(re.compile("relativeTolerance"))

    editor.page.get_by_role("link", name="New", exact=True).click()

    expect(yaml).not_to_have_value(re.compile("relativeTolerance"))


def test_run_again_with_changes_keeps_the_rest(
    kube: Kube, editor: Visitor, simulation: Callable[..., Manifest], name: str
):
    before = kube.create(simulation(solver={"relativeTolerance": 1e-5}))["metadata"]["name"]
    page = editor.page
    editor.open(f"#/simulations/{kube.namespace}/{before}")

    page.get_by_role("link", name="Run again with changes").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Current", exact=True).fill("2.5")
    page.get_by_role("button", name="Run the simulation").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()

    spec = kube.get(name)["spec"]
    assert spec["protocol"]["constantCurrent"]["currentAmperes"] == 2.5
    assert spec["solver"]["relativeTolerance"] == 1e-5
