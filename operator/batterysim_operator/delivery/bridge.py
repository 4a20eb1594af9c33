"""Results as the bridge serves them, fetched with the operator's own token."""

from pathlib import Path

import aiohttp

from batterysim.names import result_path

TIMEOUT = aiohttp.ClientTimeout(total=120, connect=5)
GONE = 410
LARGEST_BODY_BYTES = 100 * 2**20


class ResultUnavailableError(Exception):
    """The bridge did not give the result."""


class ResultRemovedError(ResultUnavailableError):
    """The bridge had the result, and does not have it any more."""


class Bridge:
    """Reads results from the bridge."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token_file: Path) -> None:
        self._session = session
        self._url = url.rstrip("/")
        self._token_file = token_file

    async def result(self, namespace: str, name: str, kind: str) -> bytes:
        """Return a simulation's result in one of the bridge's formats.

        Raises:
            ResultRemovedError: retention has removed it, for good.
            ResultUnavailableError: says why; a later try may have more luck.
        """
        try:
            # Read at each use, because the kubelet renews it; a few bytes from memory, not worth a thread.
            token = self._token_file.read_text(encoding="utf-8").strip()
            async with self._session.get(
                self._url + result_path(namespace, name),
                params={"format": kind},
                headers={"Authorization": f"Bearer {token}"},
                timeout=TIMEOUT,
            ) as answer:
                body = await _read(answer)
                if answer.status != 200:
                    kind_of_error = ResultRemovedError if answer.status == GONE else ResultUnavailableError
                    raise kind_of_error(
                        f"the bridge answered {answer.status} when asked for the result: "
                        f"{body[:300].decode(errors='replace')}"
                    )
                return body
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise ResultUnavailableError(f"the bridge could not be reached: {error}") from error


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """Read a body whole, because a signature covers all of it, but not one that would fill the memory."""
    body = bytearray()
    async for chunk in answer.content.iter_chunked(2**16):
        body += chunk
        if len(body) > LARGEST_BODY_BYTES:
            raise ResultUnavailableError(
                f"the result is larger than {LARGEST_BODY_BYTES} bytes, too large for a callback: "
                "set spec.output.points lower, or fetch it from status.results.uri"
            )
    return bytes(body)
