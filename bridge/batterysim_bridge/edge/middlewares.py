"""What every request passes on its way in, and every answer on its way out."""

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from batterysim_bridge.edge.forwarded import ForwardedPrefix
from batterysim_bridge.edge.head import HeadRequests
from batterysim_bridge.edge.security_headers import SecurityHeaders
from batterysim_bridge.edge.settings import HttpSettings

CORS_METHODS = ("GET", "HEAD", "POST", "DELETE")
CORS_REQUEST_HEADERS = (
    "Authorization",
    "Content-Type",
    "Idempotency-Key",
    "If-None-Match",
    "Last-Event-ID",
    "Range",
)
CORS_ANSWER_HEADERS = (
    "Content-Disposition",
    "Content-Range",
    "ETag",
    "Link",
    "Location",
    "Retry-After",
)


def add_edge(app: FastAPI, settings: HttpSettings) -> None:
    """Add it. The last that is added meets a request first."""
    app.add_middleware(HeadRequests)
    if settings.cors_origins:
        # Without credentials, which are cookies: the bridge has none, and a page sends its token itself.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=CORS_METHODS,
            allow_headers=CORS_REQUEST_HEADERS,
            expose_headers=CORS_ANSWER_HEADERS,
        )
    app.add_middleware(SecurityHeaders)
    if settings.trusted_proxies:
        proxies = [str(network) for network in settings.trusted_proxies]
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=proxies)
    # Before the address of the proxy is replaced by that of its client.
    app.add_middleware(ForwardedPrefix, trusted=settings.trusted_proxies)
