"""What runners of long experiments call: checkpoints come in, and go out to the next pod of the same run."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from batterysim import names
from batterysim_bridge.bridge import CallerAddress, CurrentBridge, CurrentTarget, Token
from batterysim_bridge.http.problem import BAD_REQUEST, NO_CHECKPOINT, ProblemError
from batterysim_bridge.intake.upload_headers import read_upload_headers
from batterysim_bridge.runners.identity import identify
from batterysim_bridge.runners.uploads import intake
from batterysim_bridge.store.content import blocks
from batterysim_bridge.store.newest import LARGEST_CYCLE, content_bytes
from batterysim_bridge.store.store import ResultKey
from batterysim_bridge.store.threads import call_store

PATH = names.checkpoint_path("{namespace}", "{name}")

router = APIRouter()


@router.put(PATH, status_code=204, response_class=Response)
async def put_checkpoint(
    bridge: CurrentBridge, target: CurrentTarget, token: Token, address: CallerAddress, request: Request
) -> None:
    """Take a checkpoint in."""
    simulation = await identify(bridge, token, target, address)
    headers = read_upload_headers(
        request.headers, bridge.settings.result_store.max_checkpoint_bytes, names.CHECKPOINT_MEDIA_TYPE
    )
    cycle = read_cycle(request.headers)
    await intake(bridge).take_checkpoint(simulation, headers, request.stream(), cycle)


def read_cycle(headers: Mapping[str, str]) -> int | None:
    """Return after which cycle a checkpoint was made; None: an earlier version of the runner does not say it.

    Raises:
        ProblemError: it is no such number.
    """
    value = headers.get(names.CHECKPOINT_CYCLE)
    if value is None:
        return None
    if not (value.isascii() and value.isdecimal() and len(value) <= len(str(LARGEST_CYCLE)) - 1):
        raise ProblemError(BAD_REQUEST, f"{names.CHECKPOINT_CYCLE} is {value!r}: send a number such as 500")
    return int(value)


@router.get(PATH, response_class=Response)
async def get_checkpoint(
    bridge: CurrentBridge, target: CurrentTarget, token: Token, address: CallerAddress
) -> Response:
    """Answer with the newest checkpoint of the run."""
    simulation = await identify(bridge, token, target, address)
    key = ResultKey(simulation.namespace, simulation.uid)
    file = await call_store(bridge.checkpoints.open, key)
    if file is None:
        raise ProblemError(
            NO_CHECKPOINT, f"{simulation.name!r} has not been saved yet: start from the beginning"
        )
    size = await call_store(content_bytes, file)
    return StreamingResponse(
        blocks(file, range(size)),
        media_type=names.CHECKPOINT_MEDIA_TYPE,
        headers={"Content-Length": str(size)},
    )


@router.delete(PATH, status_code=204, response_class=Response)
async def delete_checkpoint(
    bridge: CurrentBridge, target: CurrentTarget, token: Token, address: CallerAddress
) -> None:
    """Forget the checkpoint of the run, which its pod cannot use: the next one may be of an earlier cycle."""
    simulation = await identify(bridge, token, target, address)
    await call_store(bridge.checkpoints.remove, ResultKey(simulation.namespace, simulation.uid))
