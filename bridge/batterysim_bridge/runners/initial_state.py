"""What the runner of a simulation calls that goes on from an earlier one: the state at that one's end."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from fastapi import APIRouter, Response

from batterysim import names
from batterysim.results import STATE_METADATA_KEY
from batterysim_bridge.bridge import CallerAddress, CurrentBridge, CurrentTarget, Token
from batterysim_bridge.http.problem import NO_INITIAL_STATE, ProblemError
from batterysim_bridge.runners.identity import identify
from batterysim_bridge.store.content import no_content
from batterysim_bridge.store.store import READ_AHEAD_BYTES, ResultKey, ResultRecord, ResultStore
from batterysim_bridge.store.threads import call_store, read_store

PATH = names.initial_state_path("{namespace}", "{name}")

router = APIRouter()


@router.get(PATH, response_class=Response)
async def get_initial_state(
    bridge: CurrentBridge, target: CurrentTarget, token: Token, address: CallerAddress
) -> Response:
    """Answer with the state that the caller's simulation starts from, which its spec alone names."""
    simulation = await identify(bridge, token, target, address)
    raw = await bridge.cluster.manifest(simulation.namespace, simulation.name)
    earlier_name = _earlier_name((raw or {}).get("spec") or {})
    if earlier_name is None:
        raise ProblemError(NO_INITIAL_STATE, f"{simulation.name!r} does not go on from an earlier result")
    earlier = await bridge.cluster.state(simulation.namespace, earlier_name)
    if earlier is None:
        raise ProblemError(
            NO_INITIAL_STATE,
            f"{earlier_name!r} is not in namespace {simulation.namespace!r}: it may have been deleted",
        )
    record = await call_store(bridge.store.find, ResultKey(earlier.namespace, earlier.uid))
    if record is None:
        raise no_content(earlier, bridge.settings.bridge_url)
    state = await read_store(_state, bridge.store, record)
    if state is None:
        raise ProblemError(NO_INITIAL_STATE, f"the result of {earlier_name!r} has no state to go on from")
    return Response(state, media_type="application/json")


def _earlier_name(spec: Mapping[str, Any]) -> str | None:
    initial = (spec.get("cell") or {}).get("initialState") or {}
    name = initial.get("fromResult")
    return name if isinstance(name, str) else None


def _state(store: ResultStore, record: ResultRecord) -> bytes | None:
    """Return the state in a stored result; None: it has none. Blocks.

    Raises:
        OSError: the store is unavailable, or the file is damaged.
    """
    try:
        with store.open(record) as file, pq.ParquetFile(file, buffer_size=READ_AHEAD_BYTES) as parquet:
            state: bytes | None = (parquet.metadata.metadata or {}).get(STATE_METADATA_KEY)
            return state
    except pa.ArrowInvalid as error:
        raise OSError(f"the stored result of {record.name!r} is damaged: {error}") from error
