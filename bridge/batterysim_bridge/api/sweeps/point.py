"""What users call for a point of a sweep as a simulation of its own."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from batterysim import names
from batterysim.sweep.cluster.shards import shard_of_point
from batterysim.sweep.points import is_written_down, point_manifest, written_values
from batterysim.sweep.spec import BatterySweepSpec
from batterysim.sweep.values import Value
from batterysim_bridge.api.openapi import sweep_operations, tags
from batterysim_bridge.api.sweeps.found import find_sweep
from batterysim_bridge.api.sweeps.points import no_points
from batterysim_bridge.bridge import Bridge, CurrentBridge, CurrentTarget, OptionalToken
from batterysim_bridge.cluster.cluster import Manifest
from batterysim_bridge.cluster.sweeps import identity_of
from batterysim_bridge.http.problem import NO_POINTS, ProblemError
from batterysim_bridge.http.request_body import JSON_TYPE
from batterysim_bridge.intake.sweep_intake import key_of
from batterysim_bridge.results.table import values_of_point
from batterysim_bridge.store.threads import read_store
from batterysim_formats.compact_json import to_json

PATH = names.points_path("{namespace}", "{name}") + "/{point}"

Number = Annotated[int, Path(ge=0, le=999_999_999)]

router = APIRouter(tags=[tags.SWEEPS])


@router.get(PATH, **sweep_operations.POINT)
async def get_point(
    bridge: CurrentBridge, target: CurrentTarget, token: OptionalToken, point: Number
) -> Response:
    """Return the BatterySimulation of a point, to run it by itself: `kubectl apply -f -` takes it.

    A design that chooses the values itself needs the point's row, so the point has to have ended.
    """
    sweep = await find_sweep(bridge, target, token)
    values = await _stored_values(bridge, sweep, point)
    spec = json.dumps(sweep["spec"])
    place = (sweep["metadata"]["namespace"], sweep["metadata"]["name"])
    manifest = await bridge.work.run(place[0], read_point, spec, place, point, values)
    if manifest is None:
        raise no_points(sweep, f"point {point} is not stored")
    return Response(to_json(manifest), media_type=JSON_TYPE)


async def _stored_values(bridge: Bridge, sweep: Manifest, point: int) -> Mapping[str, Value] | None:
    """Return what varies of a point that has ended."""
    progress = (sweep.get("status") or {}).get("progress") or {}
    points, shards = progress.get("points", 0), progress.get("shards", 0)
    if point >= points or shards == 0:
        return None
    key, shard = key_of(identity_of(sweep)), shard_of_point(points, shards, point)
    return await read_store(values_of_point, bridge.sweep_store, key, shard, point)


def read_point(
    text: str, place: tuple[str, str], point: int, stored: Mapping[str, Value] | None
) -> dict[str, Any] | None:
    """Return the BatterySimulation of a point; None: only its row knows its values. For a worker.

    text: the spec as JSON. place: the sweep's namespace and name. stored: the values in its row.

    Raises:
        ProblemError: there is no such point.
    """
    spec = BatterySweepSpec.model_validate_json(text)
    namespace, name = place
    make = partial(point_manifest, spec, name, point)
    if is_written_down(spec):
        try:
            made = make(written_values(spec, point))
        except IndexError as error:
            raise ProblemError(NO_POINTS, str(error)) from error
    elif stored is not None:
        made = make(stored)
    else:
        return None
    return {**made, "metadata": {"namespace": namespace, **made["metadata"]}}
