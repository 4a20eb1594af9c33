"""The page while the bridge does not answer: what was known stays, and it comes back by itself."""

import pytest
from devtools.kube import Kube, Manifest, forwarded_bridge
from playwright.sync_api import Browser, Request, expect

from tests.e2e.browser import editor_token, visitor

NAME = "offline-rest"


def rest(name: str) -> Manifest:
    return {
        "apiVersion": "batterysim.dev/v1alpha1",
        "kind": "BatterySimulation",
        "metadata": {"name": name},
        "spec": {"cell": {"parameterSet": "Chen2020"}, "protocol": {"rest": {"durationSeconds": 60}}},
    }


@pytest.fixture(scope="module")
def token(kube: Kube) -> str:
    kube.create(rest(NAME))
    kube.wait_for_end(NAME)
    return editor_token(kube)


def test_the_last_list_stays_while_the_bridge_is_gone(kube: Kube, browser: Browser, token: str):
    with forwarded_bridge() as url, visitor(browser, url, token=token) as someone:
        page = someone.page
        someone.open(f"#/?namespace={kube.namespace}")
        expect(page.get_by_role("link", name=NAME)).to_be_visible()

        page.context.set_offline(True)
        page.get_by_role("checkbox", name="Succeeded").check()

        expect(page.get_by_role("alert").first).to_contain_text("The bridge does not answer")
        expect(page.get_by_text("Next attempt in")).to_be_visible()
        expect(page.get_by_role("link", name=NAME)).to_be_visible()
        someone.take_picture("bridge-down")
        page.context.set_offline(False)
        expect(page.get_by_text("The bridge does not answer")).to_have_count(0)
        expect(page.get_by_role("link", name=NAME)).to_be_visible()


def test_the_next_try_can_be_had_at_once(kube: Kube, browser: Browser, token: str):
    with forwarded_bridge() as url, visitor(browser, url, token=token) as someone:
        page = someone.page
        begun: list[Request] = []
        failed: list[Request] = []
        page.on("request", lambda request: begun.append(request) if "/v1/" in request.url else None)
        page.on("requestfailed", lambda request: failed.append(request))  # noqa: PLW0108 - it marks the callable
        page.route("**/v1/**", lambda route: route.abort())
        someone.open(f"#/?namespace={kube.namespace}")
        # Of each try all requests have failed before the next, so that none is still under way when the paths
        # are opened, and the next one by itself would be some 8 s later.
        for _ in range(4):
            before = len(failed)
            page.get_by_role("button", name="Try now").click()
            while len(failed) == before or len(failed) < len(begun):
                page.wait_for_timeout(20)
        page.unroute("**/v1/**")
        page.get_by_role("button", name="Try now").click()

        expect(page.get_by_role("link", name=NAME)).to_be_visible()


def test_what_is_typed_is_not_lost_when_the_bridge_is_gone(browser: Browser, token: str):
    with forwarded_bridge() as url, visitor(browser, url, token=token) as someone:
        page = someone.page
        someone.open("#/new")
        expect(page.locator(".check-valid")).to_be_visible()

        page.context.set_offline(True)
        page.get_by_label("Duration", exact=True).fill("3")
        expect(page.get_by_text("It could not be checked.")).to_be_visible()
        page.get_by_role("button", name="Run the simulation").click()

        expect(page.get_by_text("Nothing is lost")).to_be_visible()
        page.context.set_offline(False)
        page.reload()
        expect(page.get_by_label("Duration", exact=True)).to_have_value("3")


def test_a_lost_stream_is_noticed_and_goes_on_when_the_bridge_is_back(
    kube: Kube, browser: Browser, token: str
):
    with forwarded_bridge() as url:
        page = browser.new_page()
        page.add_init_script(f"sessionStorage.setItem('batterysim-token', '{token}')")
        page.goto(f"{url}/#/?namespace={kube.namespace}")
        expect(page.get_by_role("link", name=NAME)).to_be_visible()
    lost = page.get_by_text("What you see is what was last known")
    expect(lost).to_be_visible(timeout=15_000)
    expect(page.get_by_role("link", name=NAME)).to_be_visible()

    kube.create(rest("offline-meanwhile"))

    with forwarded_bridge(int(url.rpartition(":")[2])):
        expect(page.get_by_role("link", name="offline-meanwhile")).to_be_visible(timeout=40_000)
        expect(lost).to_have_count(0)
    page.close()


def test_without_scripts_there_is_advice(browser: Browser):
    with forwarded_bridge() as url:
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(url)
        expect(page.get_by_text("kubectl get bsim -A")).to_be_visible()
        context.close()
