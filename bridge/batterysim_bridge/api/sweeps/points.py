"""What users call for a sweep's table, whole or as far as it is."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from batterysim import names
from batterysim.result_format import ResultFormat
from batterysim_bridge.api.openapi import sweep_operations, tags
from batterysim_bridge.api.sweeps.found import find_sweep
from batterysim_bridge.api.sweeps.rows import AskedRows
from batterysim_bridge.bridge import CurrentBridge, CurrentTarget, OptionalToken
from batterysim_bridge.cluster.cluster import Manifest
from batterysim_bridge.cluster.sweeps import identity_of
from batterysim_bridge.http.problem import NO_POINTS, REMOVED, ProblemError
from batterysim_bridge.intake.sweep_intake import key_of
from batterysim_bridge.results.formats import Orient, choose_table_format
from batterysim_bridge.results.selection import Selection, select
from batterysim_bridge.results.table import open_table
from batterysim_bridge.store.threads import read_store
from batterysim_formats.rendering import (
    arrow_pieces,
    csv_pieces,
    json_pieces,
    parquet_pieces,
    record_pieces,
)
from batterysim_formats.series import Series

PATH = names.points_path("{namespace}", "{name}")
PARQUET_OPTIONS = {"compression": "zstd"}

router = APIRouter(tags=[tags.SWEEPS])


@router.get(PATH, response_class=Response, **sweep_operations.POINTS)
async def get_points(
    bridge: CurrentBridge,
    target: CurrentTarget,
    token: OptionalToken,
    request: Request,
    rows: AskedRows,
    columns: Annotated[list[str] | None, Query(description=sweep_operations.COLUMNS)] = None,
    format: Annotated[str | None, Query(description=sweep_operations.FORMAT)] = None,  # noqa: A002 - the name
    orient: Annotated[Orient, Query(description="Layout of the rows in JSON.")] = Orient.RECORDS,
) -> Response:
    """Return the table of a sweep, in the order of its points: a row for each point that has ended.

    While the sweep goes on, it has the rows that are stored already. With a filter or a limit, JSON also says
    how many rows match (`matching`).
    """
    wanted = choose_table_format(format, request.headers.get("accept"))
    sweep = await find_sweep(bridge, target, token)

    async def answer() -> Response:
        # Before the answer begins, so that what cannot be read is an error and not a torn answer.
        table = await read_store(open_table, bridge.sweep_store, key_of(identity_of(sweep)))
        if table is None:
            raise no_points(sweep, "no point is stored yet")
        chosen, told = await read_store(rows.of, table)
        series = select(chosen, Selection(tuple(columns or ())))
        return StreamingResponse(
            _pieces(series, wanted, orient, _head(sweep) | told),
            media_type=wanted.facts.media_type,
            headers={"Content-Disposition": f'attachment; filename="{target.name}.{wanted.facts.ending}"'},
        )

    return await bridge.exports.answer(await bridge.access.tenant(token), answer)


def no_points(sweep: Manifest, what: str) -> ProblemError:
    """Return that something of a sweep's table is not there, and why."""
    name, status = sweep["metadata"]["name"], sweep.get("status") or {}
    results = status.get("results") or {}
    if "removedTime" in results:
        return ProblemError(
            REMOVED,
            f"the table of {name!r} was removed by retention on {results['removedTime']}: "
            f"{results.get('removalMessage', 'no reason was recorded')}",
        )
    return ProblemError(NO_POINTS, f"{name!r} is in phase {status.get('phase', 'Pending')}; {what}")


def _head(sweep: Manifest) -> dict[str, Any]:
    metadata, status = sweep["metadata"], sweep.get("status") or {}
    return {
        "apiVersion": names.API_VERSION,
        "kind": "BatterySweepTable",
        "metadata": {key: metadata[key] for key in ("namespace", "name", "uid")},
        **{key: status[key] for key in ("phase", "design", "progress", "provenance") if key in status},
    }


def _pieces(series: Series, wanted: ResultFormat, orient: Orient, head: dict[str, Any]) -> Iterator[bytes]:
    if wanted is ResultFormat.PARQUET:
        return parquet_pieces(series, PARQUET_OPTIONS)
    if wanted is ResultFormat.CSV:
        return csv_pieces(series)
    if wanted is ResultFormat.ARROW:
        return arrow_pieces(series)
    return record_pieces(series, head) if orient is Orient.RECORDS else json_pieces(series, head)
