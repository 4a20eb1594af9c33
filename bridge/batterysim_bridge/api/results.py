"""What users and the operator call: results go out."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse

from batterysim import names
from batterysim.result_format import ResultFormat
from batterysim.results import TIME
from batterysim_bridge.api.openapi import result_operations, tags
from batterysim_bridge.bridge import Bridge, CurrentBridge, CurrentTarget, OptionalToken, Target
from batterysim_bridge.cluster.object_state import ObjectState
from batterysim_bridge.http.problem import (
    BAD_REQUEST,
    NOT_ACCEPTABLE,
    NOT_FOUND,
    FieldError,
    ProblemError,
    wrong_fields,
)
from batterysim_bridge.results.formats import Orient, choose_format
from batterysim_bridge.results.plot import plot_svg
from batterysim_bridge.results.png import to_png
from batterysim_bridge.results.rendering import head, job_manager_pieces
from batterysim_bridge.results.selection import Selection, select
from batterysim_bridge.results.svg import WIDTH
from batterysim_bridge.store.content import file_response, no_content, open_series
from batterysim_bridge.store.store import ResultKey, ResultRecord
from batterysim_bridge.store.threads import call_store, read_store
from batterysim_formats.compact_json import to_json
from batterysim_formats.document import file_pieces
from batterysim_formats.rendering import columns_of, record_pieces
from batterysim_formats.series import Series

RESULT_PATH = names.result_path("{namespace}", "{name}")
PLOT_PATH = names.simulation_path("{namespace}", "{name}") + "/plot"
MAX_POINTS = 20_000
MAX_PLOT_WIDTH = 4000

router = APIRouter(tags=[tags.RESULTS])


class Found(NamedTuple):
    """A simulation and its result."""

    simulation: ObjectState
    record: ResultRecord


async def _selection(
    variables: Annotated[list[str] | None, Query(description=result_operations.VARIABLES)] = None,
    every: Annotated[int | None, Query(ge=1, description="Only every n-th point.")] = None,
    start: Annotated[
        float | None, Query(alias="from", allow_inf_nan=False, description=result_operations.FROM)
    ] = None,
    end: Annotated[
        float | None, Query(alias="to", allow_inf_nan=False, description=result_operations.TO)
    ] = None,
    points: Annotated[int | None, Query(ge=2, le=MAX_POINTS, description=result_operations.POINTS)] = None,
) -> Selection:
    if start is not None and end is not None and start > end:
        raise wrong_fields(BAD_REQUEST, [FieldError("query.from", f"{start:g} s is after to, {end:g} s")])
    return Selection(tuple(variables or ()), every, start, end, points)


CurrentSelection = Annotated[Selection, Depends(_selection)]


@router.get(RESULT_PATH, response_class=Response, **result_operations.RESULT)
async def get_result(
    bridge: CurrentBridge,
    target: CurrentTarget,
    token: OptionalToken,
    request: Request,
    selection: CurrentSelection,
    format: Annotated[str | None, Query(description=result_operations.FORMAT)] = None,  # noqa: A002 - the name
    orient: Annotated[Orient, Query(description="Layout of the numbers in JSON.")] = Orient.COLUMNS,
    uid: Annotated[str | None, Query(max_length=36, description=result_operations.UID)] = None,
) -> Response:
    """Return a result, whole or in part, in one of several formats.

    The whole result as Parquet is the stored file: its ETag is its SHA-256, and ranges of it can be had.
    """
    found = await _find(bridge, target, token, uid)
    return await bridge.exports.answer(
        await bridge.access.tenant(token),
        lambda: _result(bridge, request, found, selection, format, orient),
    )


async def _result(
    bridge: Bridge,
    request: Request,
    found: Found,
    selection: Selection,
    format: str | None,  # noqa: A002 - the name
    orient: Orient,
) -> Response:
    wanted = choose_format(format, request.headers.get("accept"))
    if wanted is ResultFormat.PARQUET and selection.is_everything:
        return await call_store(file_response, bridge.store, found.record, request.headers)
    if wanted is ResultFormat.JOB_MANAGER and selection.variables:
        message = "the format jobManager always has the same four columns: leave out variables"
        raise wrong_fields(BAD_REQUEST, [FieldError("query.variables", message)])
    with ExitStack() as opened:
        # Before the answer begins, so that what cannot be read is an error and not a torn answer.
        series = await read_store(
            lambda: select(opened.enter_context(open_series(bridge.store, found.record)), selection)
        )
        pieces = _closing(opened.pop_all(), _pieces(series, found, wanted, orient))
    name = found.record.name
    return StreamingResponse(
        pieces,
        media_type=wanted.facts.media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}.{wanted.facts.ending}"'},
    )


def _closing(opened: ExitStack, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the pieces, then close what they are read from."""
    with opened:
        yield from pieces


def _pieces(series: Series, found: Found, wanted: ResultFormat, orient: Orient) -> Iterator[bytes]:
    if wanted is ResultFormat.JOB_MANAGER:
        if TIME.name not in series.names:
            raise ProblemError(NOT_ACCEPTABLE, f"the format jobManager needs {TIME.name!r}: use another")
        return job_manager_pieces(series, found.simulation.callback_id or found.simulation.name)
    if wanted is ResultFormat.JSON and orient is Orient.RECORDS:
        return record_pieces(series, head(found.record))
    return file_pieces(wanted, series, head(found.record))


@router.get(RESULT_PATH + "/head", response_class=Response, **result_operations.RESULT_HEAD)
async def get_result_head(bridge: CurrentBridge, target: CurrentTarget, token: OptionalToken) -> Response:
    """Return what a result says about itself, and its columns, without reading its numbers."""
    found = await _find(bridge, target, token)
    columns = await read_store(_columns, bridge, found.record)
    return Response(to_json({**head(found.record), "columns": columns}), media_type="application/json")


def _columns(bridge: Bridge, record: ResultRecord) -> list[dict[str, str]]:
    with open_series(bridge.store, record) as series:
        return columns_of(series)


@router.get(PLOT_PATH + ".{kind}", response_class=Response, **result_operations.PLOT)
async def get_plot(
    bridge: CurrentBridge,
    target: CurrentTarget,
    token: OptionalToken,
    kind: str,
    selection: CurrentSelection,
    width: Annotated[int, Query(ge=200, le=MAX_PLOT_WIDTH, description="In pixels.")] = WIDTH,
) -> Response:
    """Return a picture as `plot.svg` or `plot.png`: voltage and current against time, or a Nyquist plot."""
    if kind not in ("svg", "png"):
        raise ProblemError(NOT_ACCEPTABLE, f"there is no plot.{kind}: request plot.svg or plot.png")
    found = await _find(bridge, target, token)
    place = await bridge.exports.enter(await bridge.access.tenant(token))
    try:
        svg = await read_store(_draw, bridge, found, selection)
    finally:
        await place.leave()
    if kind == "svg":
        return Response(svg, media_type="image/svg+xml")
    return Response(await bridge.work.run(target.namespace, to_png, svg, width), media_type="image/png")


def _draw(bridge: Bridge, found: Found, selection: Selection) -> str:
    with open_series(bridge.store, found.record) as series:
        return plot_svg(series, selection, f"{found.record.namespace}/{found.record.name}")


async def _find(bridge: Bridge, target: Target, token: str | None, uid: str | None = None) -> Found:
    simulation = await bridge.access.simulation(token, "get", *target)
    if uid is not None and uid != simulation.uid:
        raise ProblemError(
            NOT_FOUND, f"{target.name!r} has UID {simulation.uid}, not {uid}: it was created again"
        )
    record = await call_store(bridge.store.find, ResultKey(simulation.namespace, simulation.uid))
    if record is None:
        raise no_content(simulation, bridge.settings.bridge_url)
    return Found(simulation, record)
