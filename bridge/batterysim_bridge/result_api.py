"""What users and the operator call: results go out."""

import asyncio
import base64

import pyarrow.parquet as pq
from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, StreamingResponse

from batterysim import names
from batterysim_bridge.bridge import CurrentBridge, CurrentTarget, Token
from batterysim_bridge.cluster import Simulation
from batterysim_bridge.formats import MEDIA_TYPES, ResultFormat, choose_format
from batterysim_bridge.identity import readable_simulation
from batterysim_bridge.problem import NO_RESULT, ProblemError
from batterysim_bridge.rendering import csv_pieces, job_manager_pieces, json_pieces
from batterysim_bridge.store import ResultKey, ResultRecord, ResultStore

router = APIRouter()


@router.get(names.result_path("{namespace}", "{name}"), response_class=Response)
async def get_result(
    bridge: CurrentBridge,
    target: CurrentTarget,
    token: Token,
    request: Request,
    format: str | None = None,  # noqa: A002 - the query parameter's name
) -> Response:
    """Answer with a result: Parquet, CSV, JSON, or as the Job Manager wants it."""
    simulation = await readable_simulation(bridge.cluster, token, *target)
    wanted = choose_format(format, request.headers.get("accept"))
    record = await asyncio.to_thread(bridge.store.find, ResultKey(simulation.namespace, simulation.uid))
    if record is None:
        raise ProblemError(
            NO_RESULT,
            f"{simulation.name!r} is in phase {simulation.phase or 'Pending'}; "
            "a result is there once it is Succeeded",
        )
    return await asyncio.to_thread(_response, bridge.store, simulation, record, wanted)


def _response(
    store: ResultStore, simulation: Simulation, record: ResultRecord, wanted: ResultFormat
) -> Response:
    path = store.file(record.key)
    if wanted is ResultFormat.PARQUET:
        digest = base64.b64encode(bytes.fromhex(record.sha256)).decode()
        return FileResponse(
            path,
            media_type=MEDIA_TYPES[wanted],
            filename=f"{record.name}.parquet",
            headers={"ETag": f'"{record.sha256}"', "Repr-Digest": f"sha-256=:{digest}:"},
        )
    # Opened before the answer begins, so that a file that cannot be read is an error and not a torn answer.
    file = pq.ParquetFile(path)
    match wanted:
        case ResultFormat.CSV:
            pieces = csv_pieces(file)
        case ResultFormat.JSON:
            pieces = json_pieces(file, record)
        case ResultFormat.JOB_MANAGER:
            pieces = job_manager_pieces(file, simulation.callback_id or simulation.name)
    media_type = MEDIA_TYPES.get(wanted, MEDIA_TYPES[ResultFormat.JSON])
    return StreamingResponse(pieces, media_type=media_type)
