"""Everybody can use the page: axe finds nothing, in light and dark, on a desk and on a phone."""

import pytest
from devtools.kube import Kube
from playwright.sync_api import Browser, expect

from tests.e2e.browser import DESKTOP, PHONE, editor_token, visitor

# What each view shows when it is there.
VIEWS = {
    "list": ("#/?namespace={namespace}", ".simulations tbody tr"),
    "detail": ("#/simulations/{namespace}/{name}", ".plot canvas"),
    "form": ("#/new", ".check-valid"),
    "compare": ("#/compare?run={namespace}/{name}&run={namespace}/{other}", ".plot canvas"),
    "sign-in": ("#/sign-in", ".sign-in"),
}
# More than there are in a list of two.
MOST_STOPS = 60


@pytest.fixture(scope="module")
def runs(kube: Kube) -> tuple[str, str]:
    """Two simulations that have ended."""
    names = ("axe-discharge", "axe-rest")
    protocols = (
        {"constantCurrent": {"currentAmperes": 5, "durationSeconds": 3600}},
        {"rest": {"durationSeconds": 600}},
    )
    for name, protocol in zip(names, protocols, strict=True):
        kube.create(
            {
                "apiVersion": "batterysim.dev/v1alpha1",
                "kind": "BatterySimulation",
                "metadata": {"name": name},
                "spec": {"cell": {"parameterSet": "Chen2020"}, "protocol": protocol},
            }
        )
    kube.wait_for_end(*names)
    return names


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing(
    kube: Kube,
    url: str,
    browser: Browser,
    runs: tuple[str, str],
    view: str,
    is_dark: bool,
    size: tuple[int, int],
):
    address, sign = VIEWS[view]
    token = None if view == "sign-in" else editor_token(kube)
    with visitor(browser, url, token=token, size=size, is_dark=is_dark) as someone:
        someone.open(address.format(namespace=kube.namespace, name=runs[0], other=runs[1]))
        expect(someone.page.locator(sign).first).to_be_visible()

        someone.take_picture(
            f"{view}-{'dark' if is_dark else 'light'}-{'phone' if size == PHONE else 'desktop'}"
        )
        assert someone.accessibility_problems() == []
        assert not someone.is_too_wide()


def test_the_keyboard_reaches_everything_in_order(
    kube: Kube, url: str, browser: Browser, runs: tuple[str, str]
):
    token = editor_token(kube)
    with visitor(browser, url, token=token) as someone:
        page = someone.page
        someone.open(f"#/?namespace={kube.namespace}&q={runs[0]}")
        expect(page.get_by_role("link", name=runs[0])).to_be_visible()

        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.get_by_role("main")).to_be_focused()
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="New simulation")).to_be_focused()
        for _ in range(MOST_STOPS):
            if page.evaluate("document.activeElement.textContent") == runs[0]:
                break
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")

        expect(page.get_by_role("heading", name=runs[0])).to_be_visible()
        expect(page.get_by_role("main")).to_be_focused()
        page.get_by_role("button", name="Delete").press("Enter")
        expect(page.get_by_role("button", name="Keep it")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
