"""A real Chromium, and somebody who looks at the bridge's page with it."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from devtools.kube import Kube
from playwright.sync_api import Browser, Download, Error, Page, sync_playwright

from tests.e2e.users import make_user, token_of

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "out" / "screenshots"
DESKTOP, PHONE = (1280, 900), (320, 700)
# A run starts a pod, which may have to wait for its turn on a small machine.
RUN_MILLISECONDS = 180_000


class BrowserError(Exception):
    """There is no browser, and none can be installed. Says why."""


class Visitor:
    """One tab, with a session of its own.

    errors: what the page's own code did wrong.
    failed_requests: what the browser's console says about answers that are no 2xx.
    """

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.errors: list[str] = []
        self.failed_requests: list[str] = []
        self._url = url
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self._note(said.type, said.text, said.location["url"]))

    def _note(self, kind: str, text: str, url: str) -> None:
        if kind != "error":
            return
        if text.startswith("Failed to load resource"):
            self.failed_requests.append(f"{text}: {url}")
        else:
            self.errors.append(text)

    def open(self, address: str = "#/") -> None:
        """Go to a view of the page."""
        self.page.goto(f"{self._url}/{address}")

    def sign_in(self, token: str) -> None:
        """Sign in as a person does."""
        self.page.get_by_label("Token of the cluster").fill(token)
        self.page.get_by_role("main").get_by_role("button", name="Sign in").click()
        self.page.get_by_role("button", name="Sign out").wait_for()

    def download(self, label: str) -> bytes:
        """Return the file that a download button gives."""
        with self.page.expect_download() as download:
            self.page.get_by_role("button", name=label, exact=True).click()
        return _content(download.value)

    def take_picture(self, name: str) -> None:
        """Keep a picture of the whole page."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)

    def accessibility_problems(self) -> list[str]:
        """Return what axe finds, each in a line."""
        found = Axe().run(self.page).response["violations"]
        return [
            f"{item['impact']}: {item['id']}: {item['help']}: {node['html']}"
            for item in found
            for node in item["nodes"]
        ]

    def is_too_wide(self) -> bool:
        """Tell whether the page has to be moved sideways to be read, when its charts have their size."""
        try:
            self.page.wait_for_function("document.documentElement.scrollWidth <= window.innerWidth")
        except Error:
            return True
        return False


def _content(download: Download) -> bytes:
    return download.path().read_bytes()


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Start Chromium; where there is none, it is installed."""
    installed = subprocess.run(
        [ROOT / "hack" / "services" / "browser", "install"], capture_output=True, text=True, check=False
    )
    if installed.returncode != 0:
        raise BrowserError(installed.stderr)
    with sync_playwright() as playwright:
        try:
            # Chromium's own sandbox does not work for root.
            browser = playwright.chromium.launch(
                executable_path=installed.stdout.strip(), args=["--no-sandbox"]
            )
        except Error as error:
            raise BrowserError(str(error)) from error
        yield browser
        browser.close()


@contextmanager
def visitor(
    browser: Browser,
    url: str,
    *,
    token: str | None = None,
    size: tuple[int, int] = DESKTOP,
    is_dark: bool = False,
    pixel_ratio: float = 1,
) -> Iterator[Visitor]:
    """Open a tab; at its end the page must not have done anything wrong.

    token: signed in with this from the beginning.
    size: width and height of the window in pixels.
    pixel_ratio: pixels of the screen for one of the page, 2 on most laptops.
    """
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if is_dark else "light",
        reduced_motion="reduce",
        device_scale_factor=pixel_ratio,
    )
    if token is not None:
        context.add_init_script(f"sessionStorage.setItem('batterysim-token', '{token}')")
    someone = Visitor(context.new_page(), url)
    someone.page.set_default_timeout(15_000)
    try:
        yield someone
        assert someone.errors == [], someone.errors
    finally:
        context.close()


def editor_token(kube: Kube) -> str:
    """Return a token of a user who may do everything with simulations in the tests' namespace."""
    make_user(kube, "page-editor", "batterysim-editor")
    return token_of(kube, "page-editor")
