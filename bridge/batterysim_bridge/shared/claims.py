"""Rules of claims: which runs may be handed out, the form of a claim, and when it is lost. Pure."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from batterysim.failure import ExitCode
from batterysim.status import Claim, Outcome, OutcomeReason
from batterysim_bridge.cluster.claimed import CREDENTIAL_PREFIX
from batterysim_bridge.cluster.object_state import ObjectState

LEASE = timedelta(seconds=15)
"""A runner that has not reported for this long is gone. It reports its runs every two seconds."""

RENEWAL = timedelta(seconds=5)
"""So old the time of the last sign of life in the status may become."""

RECEIPT = timedelta(seconds=5)
"""A run that was handed out this long ago, and that its runner does not have, never arrived there."""


class Host(NamedTuple):
    """A shared runner: its pod, and which process in it."""

    pod: str
    pod_uid: str
    process: str


class SignOfLife(NamedTuple):
    """When a runner's pod last reported, by which process, and which attempts it then had.

    attempts: UID and number of each; None: it did not say.
    """

    process: str
    time: datetime
    attempts: frozenset[tuple[str, int]] | None = None


def may_be_handed_out(simulation: ObjectState) -> bool:
    """Tell whether a simulation waits for a shared runner."""
    shared = simulation.shared
    if shared is None or simulation.has_ended or simulation.has_result or simulation.is_being_deleted:
        return False
    return not shared.has_job and claimed_attempt(simulation) < shared.granted_attempt


def is_under_way(simulation: ObjectState) -> bool:
    """Tell whether a shared runner has a simulation, as far as anybody knows."""
    shared = simulation.shared
    return (
        shared is not None
        and shared.claim is not None
        and "outcome" not in shared.claim
        and not (simulation.has_ended or simulation.has_result)
        and claimed_attempt(simulation) >= shared.granted_attempt
    )


def claimed_attempt(simulation: ObjectState) -> int:
    """Return the newest attempt that was handed out; 0 if none was."""
    has_claim = simulation.shared is not None and simulation.shared.claim is not None
    return int(_claim(simulation)["attempt"]) if has_claim else 0


def new_credential() -> str:
    """Return what the runner of an attempt has to show: 256 random bits."""
    return CREDENTIAL_PREFIX + secrets.token_urlsafe(32)


def new_claim(simulation: ObjectState, host: Host, credential: str, now: datetime) -> Claim:
    """Return a runner's claim of the attempt that may be run."""
    assert simulation.shared is not None  # noqa: S101 - it may be handed out
    return Claim(
        attempt=simulation.shared.granted_attempt,
        host=host.pod,
        host_uid=host.pod_uid,
        process=host.process,
        credential_sha256=_digest(credential),
        claimed_time=now,
        renew_time=now,
    )


def holds(credential: str, simulation: ObjectState) -> bool:
    """Tell whether a credential is that of the attempt that is under way."""
    if not is_under_way(simulation):
        return False
    return hmac.compare_digest(_digest(credential), str(_claim(simulation)["credentialSha256"]))


def is_of(simulation: ObjectState, host: Host, attempt: int) -> bool:
    """Tell whether this process of this pod has this attempt."""
    claim = _claim(simulation)
    return (claim["hostUid"], claim["process"], claim["attempt"]) == (host.pod_uid, host.process, attempt)


def is_due_for_renewal(simulation: ObjectState, now: datetime) -> bool:
    """Tell whether the status should say that the runner has reported."""
    return now - _time(_claim(simulation), "renewTime") >= RENEWAL


def renewed(simulation: ObjectState, now: datetime) -> Claim:
    """Return the claim of a runner that has reported."""
    return Claim.model_validate({**_claim(simulation), "renewTime": now})


def ended(simulation: ObjectState, outcome: Outcome) -> Claim:
    """Return the claim of an attempt that has ended without a result."""
    return Claim.model_validate({**_claim(simulation), "outcome": outcome.to_json_dict()})


def loss(
    simulation: ObjectState, sign: SignOfLife | None, now: datetime, watching_since: datetime
) -> Outcome | None:
    """Return how an attempt ended whose runner is gone; None: as far as anybody knows, it goes on.

    sign: the last one of the claim's pod that was seen here.
    watching_since: from when on signs of life could be seen. Nobody is lost because nobody looked.
    """
    claim = _claim(simulation)
    if sign is not None and sign.process != claim["process"] and sign.time > _time(claim, "claimedTime"):
        return _lost("its process has ended, and another one runs in its pod", claim, now)
    heard = max(_time(claim, "renewTime"), watching_since)
    if sign is not None and sign.process == claim["process"]:
        heard = max(heard, sign.time)
        attempt = simulation.uid, int(claim["attempt"])
        is_missing = sign.attempts is not None and attempt not in sign.attempts
        if is_missing and sign.time - max(_time(claim, "claimedTime"), watching_since) >= RECEIPT:
            return _lost("it did not receive the simulation, or lost it", claim, now)
    if now - heard >= LEASE:
        return _lost(f"it has not reported for {LEASE.total_seconds():g} s", claim, now)
    return None


def _lost(why: str, claim: Mapping[str, Any], now: datetime) -> Outcome:
    return Outcome(
        exit_code=ExitCode.CRASHED,
        reason=OutcomeReason.HOST_LOST,
        message=f"shared runner {claim['host']} is lost: {why}",
        time=now,
    )


def host_uid(simulation: ObjectState) -> str:
    """Return the UID of the pod that has a simulation which is under way."""
    return str(_claim(simulation)["hostUid"])


def _claim(simulation: ObjectState) -> Mapping[str, Any]:
    assert simulation.shared is not None  # noqa: S101 - it is under way
    assert simulation.shared.claim is not None  # noqa: S101
    return simulation.shared.claim


def _digest(credential: str) -> str:
    return hashlib.sha256(credential.encode()).hexdigest()


def _time(claim: Mapping[str, Any], field: str) -> datetime:
    return datetime.fromisoformat(claim[field])
