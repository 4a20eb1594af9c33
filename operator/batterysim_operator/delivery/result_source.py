"""Results as the bridge serves them, fetched with the operator's own token."""

import ssl
from pathlib import Path

import aiohttp

from batterysim.names import result_path
from batterysim_operator.delivery.body import LARGEST_BYTES, Body, BodyTooLargeError

TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=15)
NEVER = {406, 410}
"""Not acceptable: this result has no such format. Gone: retention has removed it."""
ERROR_BYTES = 300


class ResultUnavailableError(Exception):
    """The bridge did not give the result.

    final: it never will.
    """

    def __init__(self, message: str, *, final: bool = False) -> None:
        super().__init__(message)
        self.final = final


def open_session(authorities: str | None) -> aiohttp.ClientSession:
    """Return a session for requests to the bridge.

    authorities: certificates, in PEM, that the bridge's must be signed by; None: the public authorities.
    """
    context = ssl.create_default_context(cadata=authorities)
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context))


class ResultSource:
    """Reads results from the bridge."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token_file: Path) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._token_file = token_file

    async def fetch(self, namespace: str, name: str, uid: str, kind: str, body: Body) -> None:
        """Write a simulation's result, in one of the bridge's formats, into a body.

        uid: whose result is wanted, and not that of another simulation of the same name.

        Raises:
            ResultUnavailableError: says why, and whether a later try may have more luck.
        """
        try:
            # Read at each use, because the kubelet renews it; a few bytes from memory, not worth a thread.
            token = self._token_file.read_text(encoding="utf-8").strip()
            async with self._session.get(
                self._url + result_path(namespace, name),
                params={"format": kind, "uid": uid},
                headers={"Authorization": f"Bearer {token}"},
                timeout=TIMEOUT,
            ) as answer:
                if answer.status != 200:
                    said = (await answer.content.read(ERROR_BYTES)).decode(errors="replace")
                    raise ResultUnavailableError(
                        f"the bridge answered {answer.status} when asked for the result: {said}",
                        final=answer.status in NEVER,
                    )
                async for chunk in answer.content.iter_chunked(1 << 16):
                    await body.write(chunk)
        except BodyTooLargeError as error:
            raise ResultUnavailableError(
                f"the result is larger than {LARGEST_BYTES} bytes, too large for a callback: "
                "set spec.output.points lower, or fetch it from status.results.uri",
                final=True,
            ) from error
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise ResultUnavailableError(
                f"the bridge could not be reached: {error or type(error).__name__}"
            ) from error
