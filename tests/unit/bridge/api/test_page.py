"""The page's files: all there, served safely, and asked for again only when they have changed."""

import hashlib
import posixpath
import re
from pathlib import Path

import pytest

from batterysim_bridge.api import page as page_api
from batterysim_bridge.api.page import ASSETS

PAGE = Path(page_api.__file__).parents[1] / "page"
OWN_MODULES = sorted(path for path in ASSETS if path.endswith(".js") and not path.startswith("vendor/"))
VENDORED = re.findall(
    r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|", (PAGE / "vendor" / "README.md").read_text(), re.M
)


def text_of(path: str) -> str:
    return ASSETS[path].content.decode()


async def test_the_page_is_at_the_root_and_needs_no_token(client):
    answer = await client.get("/")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Battery simulations" in answer.text


@pytest.mark.parametrize(
    "path", ["/", "/page/app.js", "/page/style/base.css", "/page/vendor/uplot/uPlot.esm.js"]
)
async def test_nothing_but_the_pages_own_files_may_run_or_frame_it(client, path):
    headers = (await client.get(path)).headers

    rules = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))
    assert (
        rules["default-src"]
        == rules["frame-ancestors"]
        == rules["base-uri"]
        == rules["form-action"]
        == "'none'"
    )
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert rules["require-trusted-types-for"] == "'script'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


async def test_a_file_that_has_not_changed_is_not_sent_again(client):
    first = await client.get("/page/app.js")
    assert first.headers["Cache-Control"] == "no-cache"
    assert first.headers["ETag"] == f'"{hashlib.sha256(first.content).hexdigest()}"'

    again = await client.get("/page/app.js", headers={"If-None-Match": first.headers["ETag"]})
    other = await client.get("/page/app.js", headers={"If-None-Match": '"another"'})

    assert (again.status_code, again.content) == (304, b"")
    assert other.status_code == 200


async def test_head_tells_the_same_without_the_content(client):
    whole, head = await client.get("/page/app.js"), await client.head("/page/app.js")

    assert head.content == b""
    assert head.headers["Content-Length"] == str(len(whole.content))


@pytest.mark.parametrize(
    "path",
    [
        "none.js",
        "../app.py",
        "%2e%2e/app.py",
        "..%2fapp.py",
        "vendor/",
        "vendor/uplot/LICENSE",
        "/etc/passwd",
        "",
    ],
)
async def test_nothing_else_is_served(client, path):
    answer = await client.get(f"/page/{path}")

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_what_the_page_names_is_there():
    named = re.findall(r'(?:href|src)="page/([^"]+)"', text_of("index.html"))

    assert "app.js" in named
    assert set(named) <= set(ASSETS)


def imports_of(path: str) -> list[str]:
    """Return the files that a module imports, by their paths in the page."""
    names = re.findall(r'from "([^"]+)"', text_of(path))
    outside = [name for name in names if not name.startswith(".")]
    assert outside == [], f"{path} imports {outside}, which browsers cannot find"
    return [posixpath.normpath(posixpath.join(posixpath.dirname(path), name)) for name in names]


@pytest.mark.parametrize("path", OWN_MODULES)
def test_what_a_module_imports_is_there(path):
    assert set(imports_of(path)) <= set(ASSETS)


def test_every_module_is_used():
    imported = {name for path in OWN_MODULES for name in imports_of(path)}

    assert set(OWN_MODULES) - imported == {"app.js"}


def test_there_are_no_scripts_and_styles_within_the_page():
    page = text_of("index.html")

    assert re.findall(r"<script(?![^>]* src=)", page) == []
    assert re.findall(r"<style|style=|\bon\w+=", page) == []


@pytest.mark.parametrize("path", OWN_MODULES)
def test_no_module_makes_markup_of_text(path):
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text_of(path)
    )


@pytest.mark.parametrize("path", OWN_MODULES)
def test_no_module_keeps_a_token_where_it_outlives_the_tab_or_goes_along_by_itself(path):
    """A cookie goes along with other sites' requests; a token in a URL is in logs."""
    assert not re.search(r"document\.cookie|localStorage|indexedDB|[?&](access_)?token=", text_of(path))


@pytest.mark.parametrize(("path", "digest"), VENDORED, ids=[path for path, _ in VENDORED])
def test_code_of_others_is_what_its_list_says_and_has_its_licence(path, digest):
    assert hashlib.sha256(ASSETS[f"vendor/{path}"].content).hexdigest() == digest
    assert (PAGE / "vendor" / path).with_name("LICENSE").is_file()


def test_all_code_of_others_is_in_the_list():
    there = {path.removeprefix("vendor/") for path in ASSETS if path.startswith("vendor/")}

    assert there == {path for path, _ in VENDORED}
