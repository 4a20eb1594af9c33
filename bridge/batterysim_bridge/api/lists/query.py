"""What a request for a list may say, and the answer to it."""

from collections.abc import Sequence
from typing import Annotated, NamedTuple
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response

from batterysim.status import Phase
from batterysim.sweep.status import SweepPhase
from batterysim_bridge.api.lists.label_selector import Requirement, SelectorError, parse_selector
from batterysim_bridge.api.lists.listing import Cursor, Filter, Page, page_of, read_cursor
from batterysim_bridge.cluster.simulation import PROTOCOLS
from batterysim_bridge.http.problem import BAD_REQUEST, NOT_FILLED, FieldError, ProblemError, wrong_fields
from batterysim_bridge.http.request_body import JSON_TYPE
from batterysim_bridge.live.object_cache import ObjectCache
from batterysim_formats.compact_json import to_json

MAX_LIMIT = 500
DEFAULT_LIMIT = 100


class Portion(NamedTuple):
    """Which page is asked for."""

    after: Cursor | None
    limit: int


async def _labels(
    label: Annotated[
        str, Query(description="Label selector, as for `kubectl get -l`.", max_length=1000)
    ] = "",
) -> Sequence[Requirement]:
    try:
        return parse_selector(label)
    except SelectorError as error:
        raise wrong_fields(BAD_REQUEST, [FieldError("query.label", str(error))]) from error


Labels = Annotated[Sequence[Requirement], Depends(_labels)]
Text = Annotated[str, Query(description="Only names that contain this.", max_length=253)]


async def _simulations(
    labels: Labels,
    phase: Annotated[list[Phase] | None, Query(description="Only in one of these phases.")] = None,
    protocol: Annotated[
        list[str] | None, Query(description=f"Only with one of these protocols: {', '.join(PROTOCOLS)}.")
    ] = None,
    q: Text = "",
) -> Filter:
    for asked in protocol or ():
        if asked not in PROTOCOLS:
            message = f"is {asked!r}: ask for {', '.join(PROTOCOLS)}"
            raise wrong_fields(BAD_REQUEST, [FieldError("query.protocol", message)])
    return Filter(tuple(phase or ()), tuple(protocol or ()), labels, q)


async def _sweeps(
    labels: Labels,
    phase: Annotated[list[SweepPhase] | None, Query(description="Only in one of these phases.")] = None,
    q: Text = "",
) -> Filter:
    return Filter(tuple(phase or ()), labels=labels, text=q)


async def _portion(
    cursor: Annotated[
        str | None, Query(description="`nextCursor` of the previous page.", max_length=1000)
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT,
) -> Portion:
    try:
        return Portion(None if cursor is None else read_cursor(cursor), limit)
    except ValueError as error:
        raise wrong_fields(BAD_REQUEST, [FieldError("query.cursor", str(error))]) from error


SimulationFilter = Annotated[Filter, Depends(_simulations)]
SweepFilter = Annotated[Filter, Depends(_sweeps)]
CurrentPortion = Annotated[Portion, Depends(_portion)]


def answer_of(
    request: Request, path: str, known: ObjectCache, namespace: str | None, wanted: Filter, portion: Portion
) -> Response:
    """Return a page of the objects in memory, with a link to the next one. path: of the list.

    Raises:
        ProblemError: they are not in memory yet.
    """
    if not known.is_filled:
        raise ProblemError(NOT_FILLED, "try again in a moment")
    page = page_of(known.in_namespace(namespace), wanted, portion.after, portion.limit)
    headers = {}
    if page.next_cursor is not None:
        query = [item for item in request.query_params.multi_items() if item[0] != "cursor"]
        following = urlencode([*query, ("cursor", page.next_cursor)])
        headers["Link"] = f'<{path}?{following}>; rel="next"'
    return Response(_page_json(page, known.version), headers=headers, media_type=JSON_TYPE)


def _page_json(page: Page, version: int) -> bytes:
    """Return a page as JSON. Its objects are JSON already."""
    head = {"resourceVersion": str(version), "total": page.total}
    if page.next_cursor is not None:
        head["nextCursor"] = page.next_cursor
    items = b",".join(simulation.document for simulation in page.simulations)
    return to_json(head).removesuffix(b"}") + b',"items":[' + items + b"]}"
