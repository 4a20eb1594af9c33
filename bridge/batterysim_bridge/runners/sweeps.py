"""What the pods of sweeps call: parts of tables come in, and how far shards are."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import ValidationError

from batterysim import names
from batterysim.results import PARQUET_MEDIA_TYPE
from batterysim.sweep.cluster.tally import ShardTally
from batterysim_bridge.bridge import CurrentBridge, CurrentTarget, Token
from batterysim_bridge.http.problem import BAD_REQUEST, NO_RESULT, ProblemError, describe_fields
from batterysim_bridge.http.request_body import read_content
from batterysim_bridge.intake.sweep_intake import key_of
from batterysim_bridge.intake.upload_headers import read_length, read_upload_headers
from batterysim_bridge.runners.identity import identify_sweep_runner
from batterysim_bridge.store.content import blocks
from batterysim_bridge.store.threads import call_store

MAX_PART_BYTES = 16 << 20
MAX_TALLY_BYTES = 64 << 10

Number = Annotated[int, Path(ge=0, le=999_999_999)]

PLACE = ("{namespace}", "{name}", "{shard}")

router = APIRouter()


@router.get(names.parts_path(*PLACE))
async def get_parts(
    bridge: CurrentBridge, target: CurrentTarget, token: Token, shard: Number
) -> dict[str, int]:
    """Return how many parts of a shard are stored."""
    sweep = await identify_sweep_runner(bridge, token, target)
    return {"parts": await bridge.sweep_intake.count_parts(sweep, shard)}


@router.get(names.part_path(*PLACE, "{part}"), response_class=Response)
async def get_part(
    bridge: CurrentBridge, target: CurrentTarget, token: Token, shard: Number, part: Number
) -> Response:
    """Return a stored part."""
    key = key_of(await identify_sweep_runner(bridge, token, target))
    found = [item for item in await call_store(bridge.sweep_store.parts, key, shard) if item.part == part]
    if not found:
        raise ProblemError(NO_RESULT, f"shard {shard} has no part {part}")
    file = await call_store(bridge.sweep_store.open_part, key, shard, part)
    return StreamingResponse(blocks(file, range(found[0].size_bytes)), media_type=PARQUET_MEDIA_TYPE)


@router.put(names.part_path(*PLACE, "{part}"), status_code=204, response_class=Response)
async def put_part(
    bridge: CurrentBridge, target: CurrentTarget, token: Token, shard: Number, part: Number, request: Request
) -> None:
    """Take a part in. The same part again changes nothing."""
    sweep = await identify_sweep_runner(bridge, token, target)
    headers = read_upload_headers(request.headers, MAX_PART_BYTES)
    await bridge.sweep_intake.take_part(sweep, shard, part, headers, request.stream())


@router.put(
    names.point_result_path("{namespace}", "{name}", "{point}"), status_code=204, response_class=Response
)
async def put_series(
    bridge: CurrentBridge, target: CurrentTarget, token: Token, point: Number, request: Request
) -> None:
    """Keep the whole result of a point."""
    sweep = await identify_sweep_runner(bridge, token, target)
    headers = read_upload_headers(request.headers, bridge.settings.result_store.max_result_bytes)
    await bridge.sweep_intake.take_series(sweep, point, headers, request.stream())


@router.put(names.shard_path(*PLACE), status_code=204, response_class=Response)
async def put_tally(
    bridge: CurrentBridge, target: CurrentTarget, token: Token, shard: Number, request: Request
) -> None:
    """Note how far a shard is."""
    sweep = await identify_sweep_runner(bridge, token, target)
    read_length(request.headers, MAX_TALLY_BYTES)
    try:
        tally = ShardTally.model_validate_json(await read_content(request, MAX_TALLY_BYTES))
    except ValidationError as error:
        raise ProblemError(BAD_REQUEST, describe_fields(error.errors())) from error
    await bridge.sweep_intake.take_tally(sweep, shard, tally)
