"""Whether a simulation can go on from the earlier one that its spec names: yes, not yet, or never. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from batterysim.continuation.likeness import FROM_RESULT, differences, likeness, objection
from batterysim.failure import FailureReason, shorten
from batterysim.results import FinalStateKey
from batterysim.spec.documents.contents import references
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.status import ENDED_PHASES, ConditionType, Failure, Phase, WaitReason
from batterysim_operator.reconcile.observation import Manifest, find_condition

LOOK_AGAIN_SECONDS = 5.0
LOOK_AGAIN_MOST_SECONDS = 60.0
LOOK_AGAIN_SHARE = 0.05
"""Nobody is told when the earlier simulation ends, so it is looked at: what has waited long is looked at less
often, and waits by a twentieth longer at most."""

MOST_LINKS = 20
"""Of a chain of simulations that wait for one another, as many are looked at."""


def earlier_name(raw_spec: Mapping[str, Any]) -> str | None:
    """Return the name of the simulation that a spec goes on from, as it is written; None: of none."""
    part: Any = raw_spec
    for field in ("cell", "initialState", "fromResult"):
        part = part.get(field) if isinstance(part, Mapping) else None
    return part if isinstance(part, str) else None


def is_waiting(simulation: Manifest) -> bool:
    """Whether a simulation itself waits for an earlier one."""
    status = simulation.get("status") or {}
    succeeded = find_condition(status.get("conditions"), ConditionType.SUCCEEDED)
    return succeeded is not None and succeeded["reason"] == WaitReason.WAITING_FOR_RESULT


def look_again_seconds(simulation: Manifest, now: datetime) -> float:
    """Return when a simulation that waits for an earlier one is looked at again."""
    age = (now - datetime.fromisoformat(simulation["metadata"]["creationTimestamp"])).total_seconds()
    return min(max(LOOK_AGAIN_SHARE * age, LOOK_AGAIN_SECONDS), LOOK_AGAIN_MOST_SECONDS)


def wait_for_earlier(name: str, earlier: Manifest | None, circle: Sequence[str] = ()) -> str | None:
    """Say what a simulation waits for; None: the earlier one has ended.

    circle: the names of simulations that each go on from the next, and the last from the first.
    """
    if circle:
        return (
            f"it goes on from the result of {name!r}, and {_words(circle)}: "
            f"in a circle none can be the first. Remedy: correct {FROM_RESULT} of one of them"
        )
    if earlier is None:
        return (
            f"it goes on from the result of {name!r}, which does not exist in this namespace. "
            f"Remedy: create it, or correct {FROM_RESULT}"
        )
    phase = (earlier.get("status") or {}).get("phase") or Phase.PENDING
    if phase in ENDED_PHASES:
        return None
    return f"it goes on from the result of {name!r}, which is {phase}"


def never_from_earlier(
    name: str, spec: BatterySimulationSpec, simulation: Manifest, earlier: Manifest | None
) -> Failure | None:
    """Return why a simulation can never go on from an earlier one; None: it can, or it is too early to say.

    name: of the earlier one. spec: of the simulation.
    """
    if name == simulation["metadata"]["name"]:
        return _failure("a simulation cannot go on from its own result: name an earlier one")
    if earlier is None or wait_for_earlier(name, earlier) is not None:
        return None
    status = earlier.get("status") or {}
    if status.get("phase") != Phase.SUCCEEDED:
        return _failure(f"{name!r} is {status.get('phase')}, so it has no state to go on from")
    results = status.get("results") or {}
    if "removedTime" in results:
        why = results.get("removalMessage", "no reason was recorded")
        return _failure(f"the result of {name!r} is no longer stored ({why}): run it again")
    try:
        key = FinalStateKey.model_validate((status.get("provenance") or {})["finalState"])
    except (KeyError, ValidationError):
        return _failure(
            f"the result of {name!r} has no state to go on from: it is of a pack or an impedance, or was "
            "stored by an earlier version: run it again"
        )
    is_known = not any(reference.path[0] == "cell" for reference in references(simulation["spec"]))
    fields = differences(likeness(spec), key, is_cell_known=is_known)
    return _failure(objection(name, fields)) if fields else None


def _words(circle: Sequence[str]) -> str:
    following = [*circle[1:], circle[0]]
    return ", ".join(f"{one!r} from that of {next_!r}" for one, next_ in zip(circle, following, strict=True))


def _failure(message: str) -> Failure:
    return Failure(reason=FailureReason.INVALID_SPEC, message=shorten(f"{FROM_RESULT}: {message}"))
