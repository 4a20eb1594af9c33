"""The web page: its files, and the headers that keep a browser from doing anything else with them."""

import hashlib
from collections.abc import Iterator, Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import NamedTuple

from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

MEDIA_TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "mjs": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}
"""The served files, by the ending of their names; licences and the like are not."""

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        # Nothing can write text as HTML, so a name or a message never becomes markup.
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # Asked for anew each time, and answered with 304: after an upgrade no old file meets a new one.
    "Cache-Control": "no-cache",
}


class Asset(NamedTuple):
    """A file of the page."""

    content: bytes
    media_type: str
    etag: str


def load_assets() -> Mapping[str, Asset]:
    """Return the page's files by their paths, such as `vendor/uplot/uPlot.esm.js`."""
    return MappingProxyType(dict(_assets(files("batterysim_bridge") / "page", "")))


def _assets(folder: Traversable, path: str) -> Iterator[tuple[str, Asset]]:
    for item in folder.iterdir():
        if item.is_dir():
            yield from _assets(item, f"{path}{item.name}/")
        elif media_type := MEDIA_TYPES.get(item.name.rpartition(".")[2]):
            content = item.read_bytes()
            etag = f'"{hashlib.sha256(content).hexdigest()}"'
            yield f"{path}{item.name}", Asset(content, media_type, etag)


# Half a megabyte. Looked up by name, so no path leads out of the folder.
ASSETS = load_assets()

router = APIRouter()


@router.get("/", response_class=Response)
async def get_page(request: Request) -> Response:
    """Return the page."""
    return _answer("index.html", request)


@router.get("/page/{path:path}", response_class=Response)
async def get_asset(path: str, request: Request) -> Response:
    """Return a file that belongs to the page."""
    return _answer(path, request)


def _answer(path: str, request: Request) -> Response:
    asset = ASSETS.get(path)
    if asset is None:
        raise HTTPException(404, f"the page has no file {path!r}")
    headers = {**HEADERS, "ETag": asset.etag}
    if asset.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(asset.content, headers=headers, media_type=asset.media_type)
