"""What kopf sends its requests through, so that nothing that the API server answers ends the operator.

kopf gives up after some failed requests, takes any answer but a good one for final, scans for its resources
once, and reads whole lists of whole objects. One namespace that is deleted, a CRD that comes late, some
minutes of 5xx or one object that cannot be read would each end all watches. So the requests of kopf wait
here until they are answered, and the answers hold no more than the handlers need.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import aiohttp
import msgspec

from batterysim import names
from batterysim_kube.api_server import (
    METADATA_LIST,
    METADATA_ONLY,
    ApiServer,
    Json,
    lines,
)
from batterysim_kube.documents import UNREADABLE, lean_metadata, lean_object, read_event, read_page
from batterysim_kube.errors import GONE, NO_ANSWER
from batterysim_kube.skipping import read_each
from batterysim_operator.control.hearing import Hearing

logger = logging.getLogger(__name__)

WATCH_TRIES = 3
"""After these a watch is not asked for its version any more, but listed again: it may be one that the API
server will never have, since it was restored from a backup."""
PATIENT_TRIES = 6
"""Half a minute."""
FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 30.0

EXPIRED: Json = {
    "type": "ERROR",
    "object": {"kind": "Status", "code": GONE, "reason": "Expired", "message": "list again"},
}
"""What makes kopf list again."""


class KopfSession:
    """In the place of the `aiohttp.ClientSession` that kopf takes for its requests.

    needs_work: whether there is anything to do about a simulation or a sweep. Lists leave the others out,
    because kopf keeps some 13 kB of memory for each.
    """

    def __init__(self, api: ApiServer, hearing: Hearing, needs_work: Callable[[Json], bool]) -> None:
        self._api = api
        self._hearing = hearing
        self._needs_work = needs_work
        self.headers: dict[str, str] = {}
        self.closed = False

    async def close(self) -> None:
        """Take no more requests. The connections are not ours alone."""
        self.closed = True

    async def request(
        self,
        method: str,
        url: str,
        json: Any = None,
        headers: Mapping[str, str] | None = None,  # noqa: ARG002 - kopf gives none that matter
        timeout: aiohttp.ClientTimeout | None = None,  # noqa: ASYNC109 - aiohttp keeps it
    ) -> "Answer":
        """Make a request, and wait until it is answered.

        Raises:
            RuntimeError: the session is closed.
        """
        asked = _Asked(method.upper(), url, json, timeout or aiohttp.ClientTimeout(total=30))
        tries = 0
        while True:
            if self.closed:
                raise RuntimeError("Session is closed")
            tries += 1
            try:
                answer = await asked.of(self._api)
                if answer.status < 400:
                    return await self._read(asked, answer, is_patient=tries < PATIENT_TRIES)
                if answer.status == GONE:
                    answer.close()
                    return asked.begin_anew
                async with answer:
                    complaint = f"{answer.status} {(await answer.text())[:300]}"
            except (*NO_ANSWER, *UNREADABLE) as error:
                complaint = f"{type(error).__name__}: {error}"
            if asked.is_watch and tries >= WATCH_TRIES:
                logger.warning("%s cannot be watched, listing again: %s", asked.path, complaint)
                return asked.begin_anew
            if tries & (tries - 1) == 0:  # the first, second, fourth, eighth ... time
                logger.warning("%s is not answered, trying again: %s", asked.path, complaint)
            await asyncio.sleep(min(FIRST_WAIT_SECONDS * 2.0 ** min(tries, 10), LONGEST_WAIT_SECONDS))

    async def _read(self, asked: "_Asked", answer: aiohttp.ClientResponse, *, is_patient: bool) -> "Answer":
        if asked.is_of_ours:
            self._hearing.heard()
        if asked.is_watch:
            return Answer(lines_=_events(answer, asked.read), close=answer.close)
        async with answer:
            body = await answer.read()
        if asked.is_list:
            page = read_page(body)
            items = read_each(page.items, asked.read)
            if asked.is_of_ours:
                items = [item for item in items if self._needs_work(item)]
            return Answer(
                {
                    "items": items,
                    "metadata": {"resourceVersion": page.resource_version, "continue": page.proceed},
                }
            )
        return Answer(_complete(asked.path, msgspec.json.decode(body), is_patient=is_patient))


class Answer:
    """As much of an `aiohttp.ClientResponse` as kopf uses of one that is good."""

    status = 200
    closed = False

    def __init__(
        self,
        document: Json | None = None,
        lines_: AsyncIterator[bytes] | None = None,
        close: Callable[[], None] = lambda: None,
    ) -> None:
        self._document = document
        self._lines = lines_
        self.close = close
        self.headers: dict[str, str] = {}
        self.content = self

    async def __aenter__(self) -> "Answer":
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    async def json(self) -> Json | None:
        """Return the document."""
        return self._document

    async def iter_chunked(self, _size: int) -> AsyncIterator[bytes]:
        """Yield the lines of a watch."""
        if self._lines is not None:
            async for line in self._lines:
                yield line


class _Asked:
    """One request of kopf's."""

    def __init__(self, method: str, url: str, body: Any, timeout: aiohttp.ClientTimeout) -> None:
        parts = urlsplit(url)
        self.method, self.path, self.body, self.timeout = method, parts.path, body, timeout
        self.query = dict(parse_qsl(parts.query))
        self.is_watch = self.query.get("watch") == "true"
        # `/api/v1/pods`, `/apis/batch/v1/namespaces/lab/jobs`: below a version. The rest is discovery.
        segments = [segment for segment in self.path.split("/") if segment]
        self.is_list = len(segments) > (2 if segments[:1] == ["api"] else 3)
        self.is_of_ours = segments[-1:] in ([names.PLURAL], [names.SWEEP_PLURAL])
        self.read = lean_object if self.is_of_ours else lean_metadata

    @property
    def begin_anew(self) -> "Answer":
        """The answer that makes kopf list again: of a list, an end from where no watch can go on."""
        if self.is_watch:
            return Answer(lines_=_one(EXPIRED))
        return Answer({"items": [], "metadata": {"resourceVersion": "1", "continue": ""}})

    async def of(self, api: ApiServer) -> aiohttp.ClientResponse:
        """Ask the API server."""
        headers: Mapping[str, str] = {}
        if self.is_list and not self.is_of_ours:
            headers = METADATA_ONLY if self.is_watch else METADATA_LIST
        return await api.open(self.method, self.path, self.query, self.body, headers, self.timeout)


async def _events(answer: aiohttp.ClientResponse, read: Callable[[bytes], Json]) -> AsyncIterator[bytes]:
    """Yield the events of a watch that can be read, each with a lean object."""
    async for line in lines(answer):
        for event in read_each([line], read_event):
            if event.type == "ERROR":  # kopf would end at any but this one
                yield _line(EXPIRED)
                return
            for found in read_each([event.item], read):
                yield _line({"type": event.type, "object": found})


def _one(event: Json) -> AsyncIterator[bytes]:
    async def lines_() -> AsyncIterator[bytes]:
        yield _line(event)

    return lines_()


def _line(event: Json) -> bytes:
    return msgspec.json.encode(event) + b"\n"


def _complete(path: str, document: Json, *, is_patient: bool) -> Json:
    """Return an answer of discovery, unless what we watch is not served yet: kopf scans once only.

    is_patient: sweeps are waited for, too. Without their CRD, simulations run all the same in the end.

    Raises:
        ValueError: there is no such resource yet.
    """
    if path == "/apis" and names.GROUP not in {group["name"] for group in document["groups"]}:
        raise ValueError(f"the group {names.GROUP} is not served yet: is the CRD installed?")
    if path == f"/apis/{names.API_VERSION}":
        served = {resource["name"] for resource in document["resources"]}
        for plural in (names.PLURAL, names.SWEEP_PLURAL) if is_patient else (names.PLURAL,):
            if plural not in served:
                raise ValueError(f"{plural} are not served yet: is the CRD installed?")
    return document
