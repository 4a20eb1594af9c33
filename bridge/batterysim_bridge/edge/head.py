"""HEAD on every path that has GET: the same head, and no content (RFC 9110, 9.3.2)."""

import contextlib

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class _AnsweredError(Exception):
    """The head is sent, so whatever would follow is not produced."""


class HeadRequests:
    """Passes HEAD on as GET, and ends the answer where its content would begin."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def send_head(message: Message) -> None:
            if message["type"] == "http.response.body":
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                raise _AnsweredError
            await send(message)

        with contextlib.suppress(_AnsweredError):
            await self._app({**scope, "method": "GET"}, receive, send_head)
