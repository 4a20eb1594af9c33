"""What runners call: results and progress come in."""

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError

from batterysim import names
from batterysim.status import Progress
from batterysim_bridge.bridge import Bridge, CallerAddress, CurrentBridge, CurrentTarget, Token
from batterysim_bridge.http.problem import BAD_REQUEST, ProblemError, describe_fields
from batterysim_bridge.http.request_body import read_content
from batterysim_bridge.intake.intake import Intake
from batterysim_bridge.intake.upload_headers import read_length, read_upload_headers
from batterysim_bridge.runners.identity import identify

PROGRESS_MAX_BYTES = 4096

router = APIRouter()


@router.put(names.result_path("{namespace}", "{name}"))
async def put_result(
    bridge: CurrentBridge, target: CurrentTarget, token: Token, address: CallerAddress, request: Request
) -> dict[str, object]:
    """Take a result in. Answers with the StoredResult once it is stored and in the status."""
    with bridge.metrics.count_upload():
        simulation = await identify(bridge, token, target, address)
        headers = read_upload_headers(request.headers, bridge.settings.result_store.max_result_bytes)
        stored = await intake(bridge).take_result(simulation, headers, request.stream())
    bridge.metrics.upload_bytes.inc(stored.size_bytes)
    return stored.to_json_dict()


@router.put(names.progress_path("{namespace}", "{name}"), status_code=204, response_class=Response)
async def put_progress(
    bridge: CurrentBridge, target: CurrentTarget, token: Token, address: CallerAddress, request: Request
) -> None:
    """Show a run's progress in the status."""
    simulation = await identify(bridge, token, target, address)
    read_length(request.headers, PROGRESS_MAX_BYTES)
    try:
        progress = Progress.model_validate_json(await read_content(request, PROGRESS_MAX_BYTES))
    except ValidationError as error:
        raise ProblemError(BAD_REQUEST, describe_fields(error.errors())) from error
    await intake(bridge).take_progress(simulation, progress)


def intake(bridge: Bridge) -> Intake:
    """Return what takes in a runner's uploads."""
    return Intake(
        bridge.cluster,
        bridge.store,
        bridge.checkpoints,
        bridge.shares,
        bridge.settings.bridge_url,
        bridge.clock,
    )
