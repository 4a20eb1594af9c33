"""What users call for the whole result of a sweep's point, where that is kept."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Annotated

import pyarrow as pa
import pyarrow.parquet as pq
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from batterysim import names
from batterysim.result_format import ResultFormat
from batterysim_bridge.api.openapi import sweep_operations, tags
from batterysim_bridge.api.results import CurrentSelection
from batterysim_bridge.api.sweeps.found import find_sweep
from batterysim_bridge.api.sweeps.point import Number
from batterysim_bridge.bridge import Bridge, CurrentBridge, CurrentTarget, OptionalToken
from batterysim_bridge.cluster.cluster import Manifest
from batterysim_bridge.cluster.sweeps import identity_of
from batterysim_bridge.http.problem import NO_RESULT, ProblemError
from batterysim_bridge.intake.sweep_intake import key_of
from batterysim_bridge.results.file import metadata_of
from batterysim_bridge.results.formats import Orient, choose_table_format
from batterysim_bridge.results.selection import Selection, select
from batterysim_bridge.store.threads import read_store
from batterysim_formats.document import file_pieces, head_of
from batterysim_formats.rendering import record_pieces
from batterysim_formats.series import Series, series_of_file

PATH = names.point_result_path("{namespace}", "{name}", "{point}")

router = APIRouter(tags=[tags.SWEEPS])


@router.get(PATH, response_class=Response, **sweep_operations.POINT_RESULT)
async def get_point_result(
    bridge: CurrentBridge,
    target: CurrentTarget,
    token: OptionalToken,
    request: Request,
    point: Number,
    selection: CurrentSelection,
    format: Annotated[str | None, Query(description=sweep_operations.FORMAT)] = None,  # noqa: A002 - the name
    orient: Annotated[Orient, Query(description="Layout of the numbers in JSON.")] = Orient.COLUMNS,
) -> Response:
    """Return the whole result of a point, or a part of it, where `spec.series.keep` keeps it."""
    wanted = choose_table_format(format, request.headers.get("accept"))
    sweep = await find_sweep(bridge, target, token)

    async def answer() -> Response:
        with ExitStack() as opened:
            # Before the answer begins, so that what cannot be read is an error and not a torn answer.
            series = await read_store(_open, bridge, opened, sweep, point, selection)
            pieces = _pieces(opened.pop_all(), series, sweep, point, wanted, orient)
        name = f"{target.name}-{point}.{wanted.facts.ending}"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingResponse(pieces, media_type=wanted.facts.media_type, headers=headers)

    return await bridge.exports.answer(await bridge.access.tenant(token), answer)


def _open(bridge: Bridge, opened: ExitStack, sweep: Manifest, point: int, selection: Selection) -> Series:
    try:
        file = bridge.sweep_store.open_series(key_of(identity_of(sweep)), point)
    except FileNotFoundError as error:
        keep = (sweep["spec"].get("series") or {}).get("keep", "None")
        raise ProblemError(
            NO_RESULT,
            f"the result of point {point} of {sweep['metadata']['name']!r} is not kept: spec.series.keep is "
            f"{keep}. Run the point by itself",
        ) from error
    try:
        parquet = pq.ParquetFile(opened.enter_context(file))
    except pa.ArrowInvalid as error:
        raise OSError(f"the result of point {point} is damaged: {error}") from error
    return select(series_of_file(parquet), selection)


def _pieces(
    opened: ExitStack, series: Series, sweep: Manifest, point: int, wanted: ResultFormat, orient: Orient
) -> Iterator[bytes]:
    metadata = sweep["metadata"]
    identity = {"namespace": metadata["namespace"], "name": f"{metadata['name']}-{point}"}
    head = head_of({**identity, "uid": metadata["uid"]}, metadata_of(series.schema))
    with opened:
        if wanted is ResultFormat.JSON and orient is Orient.RECORDS:
            yield from record_pieces(series, head)
        else:
            yield from file_pieces(wanted, series, head)
