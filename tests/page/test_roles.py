"""Viewer, editor and someone without a token go through the page: nothing is offered that is refused."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.browser import Visitor, visitor

from .served import CLOSED_NAMESPACE, Served, example_spec
from .sweep_tables import GRID, many

JWT = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQ6ZGVmYXVsdDphZGEifQ.c2lnbg"
VIEWS = {
    "#/": ".simulations tbody tr",
    "#/?phase=Succeeded&q=cell": ".simulations tbody tr",
    "#/simulations/default/cell-discharge": ".plot canvas",
    "#/simulations/default/impedance": "svg[role=img]",
    "#/simulations/default/too-hot": ".notice-error",
    "#/compare?run=default/cell-discharge&run=default/cycling": ".plot canvas",
    "#/sweeps": ".sweeps tbody tr",
    "#/sweeps/default/rate-map": ".amounts",
    "#/sweeps/default/tolerances": ".amounts",
    "#/new?from=default/cell-discharge": ".simulation-form",
    "#/new": ".simulation-form",
}
CHANGES = ("Delete", "Cancel", "Suspend", "Resume", "Run the simulation")


@pytest.fixture(scope="module", autouse=True)
def failed_run(served: Served) -> None:
    served.add_failed("too-hot", example_spec("cell-discharge"), "Infeasible", "the cell is too hot: cool it")
    served.add_sweep("rate-map", GRID)
    served.add_sweep("tolerances", many(1000), phase="Running")


@pytest.fixture
def anyone(browser: Browser, served: Served) -> Iterator[Visitor]:
    """Somebody without a token."""
    with visitor(browser, served.url) as someone:
        yield someone


def go_through(someone: Visitor) -> Iterator[Page]:
    for address, sign in VIEWS.items():
        someone.open(address)
        expect(someone.page.locator(sign).first).to_be_visible()
        someone.page.wait_for_load_state("networkidle") if "new" in address else None
        yield someone.page


def offers(page: Page) -> list[str]:
    """Return the controls that change something."""
    buttons = [name for name in CHANGES if page.get_by_role("button", name=name, exact=True).count()]
    return buttons + [
        text for text in page.get_by_role("link").all_inner_texts() if text.startswith(("New", "Run"))
    ]


def test_a_viewer_is_offered_nothing_that_changes_something(viewer: Visitor):
    for page in go_through(viewer):
        assert offers(page) == []

    assert viewer.failed_requests == []


def test_a_viewer_who_opens_the_form_is_told_what_is_missing(viewer: Visitor):
    viewer.open("#/new")

    told = viewer.page.get_by_role("alert").filter(has_text="You are not allowed to do this")
    expect(told).to_contain_text("ada needs the verb 'create'")
    expect(told).to_contain_text("kubectl -n default create rolebinding ada-batterysim-editor")
    expect(told).to_contain_text("--clusterrole batterysim-editor --user ada")


def test_an_editor_is_offered_everything(editor: Visitor):
    for page in go_through(editor):
        expect(page.get_by_role("navigation").get_by_role("link", name="New")).to_be_visible()
        if "/simulations/" in page.url:
            expect(page.get_by_role("button", name="Delete")).to_be_visible()
            expect(page.get_by_role("link", name="Run again with changes")).to_be_visible()
        if "/sweeps/" in page.url:
            expect(page.get_by_role("button", name=re.compile("Delete|Cancel"))).to_be_visible()
        if "/tolerances" in page.url:
            expect(page.get_by_role("button", name="Suspend")).to_be_visible()
        if "#/new" in page.url:
            expect(page.get_by_role("button", name="Run the simulation")).to_be_enabled()

    assert editor.failed_requests == []


def test_without_a_token_nothing_is_asked_for_that_would_be_refused(anyone: Visitor):
    """A link to seven compared runs fired a burst of 401s."""
    for address in VIEWS:
        anyone.open(address)
        expect(anyone.page.get_by_label("Token of the cluster")).to_be_visible()
        assert offers(anyone.page) == []

    assert anyone.failed_requests == []


def test_signing_in_goes_on_where_the_link_led(anyone: Visitor):
    anyone.open("#/compare?run=default/cell-discharge&run=default/cycling")
    anyone.sign_in("reader-token")

    expect(anyone.page.locator(".plot canvas").first).to_be_visible()
    assert anyone.failed_requests == []


def test_a_closed_namespace_names_the_user_and_the_commands(editor: Visitor):
    editor.open(f"#/?namespace={CLOSED_NAMESPACE}")

    told = editor.page.get_by_role("alert").filter(has_text="You are not allowed")
    expect(told).to_contain_text("grace needs the verb 'list'")
    expect(told).to_contain_text("kubectl -n closed create rolebinding grace-batterysim-viewer")
    assert "NAME" not in told.inner_text()
    assert editor.failed_requests == []


@pytest.mark.parametrize("field", ["Name", "Namespace"])
@pytest.mark.parametrize("token", [JWT, f"Bearer {JWT}", "abcdef.0123456789abcdef", "0a1b2c3d" * 5])
def test_a_token_in_a_filter_never_leaves_it(viewer: Visitor, field: str, token: str):
    page = viewer.page
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    viewer.open()

    page.get_by_label(field, exact=True).fill(token)
    expect(page.get_by_text("This looks like a token")).to_be_visible()
    page.get_by_label(field, exact=True).blur()
    page.wait_for_timeout(500)  # longer than the filter waits for the next key

    assert page.get_by_label(field, exact=True).input_value() == ""
    secret = token.removeprefix("Bearer ")
    assert secret not in page.url
    assert not any(secret in url for url in sent)


def test_a_part_of_a_name_still_filters(viewer: Visitor):
    viewer.open()
    viewer.page.get_by_label("Name", exact=True).fill("us06")

    expect(viewer.page.locator(".simulations tbody tr")).to_have_count(1)
    assert "q=us06" in viewer.page.url


@pytest.mark.parametrize(
    ("username", "subject"),
    [
        (
            "system:serviceaccount:lab:ada",
            "ada-batterysim-viewer --clusterrole batterysim-viewer --serviceaccount lab:ada",
        ),
        (
            "Ada L. <ada@lab>",
            "ada-l-ada-lab-batterysim-viewer --clusterrole batterysim-viewer --user 'Ada L. <ada@lab>'",
        ),
    ],
)
def test_commands_are_for_this_user(viewer: Visitor, username: str, subject: str):
    viewer.open()
    commands = viewer.page.evaluate(
        "async (user) => (await import('/page/session/grant.js')).grantCommands(user, 'lab')", username
    )

    assert commands[0] == f"kubectl -n lab create rolebinding {subject}"
