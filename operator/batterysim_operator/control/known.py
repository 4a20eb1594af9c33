"""The objects that are under way, as far as events have told: which of them a Job or a pod belongs to.

The creators of pods write their labels, annotations and ownerReferences. So the claims of a child count only
if they lead to an object that the API server has shown; otherwise the child is ignored.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from batterysim import names
from batterysim_kube.controllers import controller_of
from batterysim_operator.control.fair_queue import Key

Manifest = Mapping[str, Any]


@dataclass
class _Entry:
    key: Key
    resync: int
    state: int
    job_uid: str | None = None
    """None: no Job has been seen yet."""


class KnownObjects:
    """Objects of one kind that have not settled, by UID: simulations, unless told otherwise.

    job_name: the name of an object's Job, by the object's UID.
    state_of: everything of an object that a decision depends on.
    """

    def __init__(
        self,
        kind: str = names.KIND,
        job_name: Callable[[str], str] = names.job_name,
        state_of: Callable[[Manifest], Any] | None = None,
    ) -> None:
        self._kind = kind
        self._job_name = job_name
        self._state_of = _state if state_of is None else state_of
        self._by_uid: dict[str, _Entry] = {}
        self._by_job: dict[str, _Entry] = {}
        self._resync = 0

    def __len__(self) -> int:
        return len(self._by_uid)

    def note(self, item: Manifest) -> bool:
        """Remember an object; tell whether anything that matters has changed since the last time."""
        metadata = item["metadata"]
        uid, state = metadata["uid"], hash(json.dumps(self._state_of(item), sort_keys=True))
        known = self._by_uid.get(uid)
        if known is None:
            key = Key(metadata["namespace"], metadata["name"])
            known = self._by_uid[uid] = self._by_job[self._job_name(uid)] = _Entry(key, self._resync, state)
            return True
        changed, known.state, known.resync = known.state != state, state, self._resync
        return changed

    def forget(self, uid: str) -> None:
        """Forget an object that has settled or is gone."""
        self._by_uid.pop(uid, None)
        self._by_job.pop(self._job_name(uid), None)

    def begin_resync(self) -> None:
        """All objects are about to be noted again."""
        self._resync += 1

    def end_resync(self, namespace: str | None) -> None:
        """Forget those of a namespace (None: of all) that a resync has not met: their end was not seen."""
        missing = [
            uid
            for uid, known in self._by_uid.items()
            if known.resync < self._resync and namespace in (None, known.key.namespace)
        ]
        for uid in missing:
            self.forget(uid)

    def owner_of(self, child: Manifest) -> Key | None:
        """Return the object that a Job or a pod belongs to; None: it is nobody's."""
        metadata = child["metadata"]
        controller = controller_of(metadata)
        if controller is None:
            return None
        if controller.kind == self._kind:
            known = self._by_uid.get(controller.uid)
            is_its_job = metadata["name"] == self._job_name(controller.uid)
            if known is None or not is_its_job or metadata["namespace"] != known.key.namespace:
                return None
            known.job_uid = metadata["uid"]
            return known.key
        known = self._by_job.get(controller.name) if controller.kind == "Job" else None
        if known is None or metadata["namespace"] != known.key.namespace:
            return None
        # The watch of Jobs may lag behind that of pods, whose Job's name is enough until then.
        return known.key if known.job_uid in (None, controller.uid) else None


def _state(simulation: Manifest) -> Any:
    """Return everything that a decision depends on; how far a run is does not matter."""
    metadata, status = simulation["metadata"], simulation.get("status") or {}
    rest = {name: value for name, value in status.items() if name != "progress"}
    return metadata.get("generation"), metadata.get("deletionTimestamp"), "progress" in status, rest


OF_THE_BRIDGE = ("progress", "failures", "best", "provenance", "design", "results")


def sweep_state(sweep: Manifest) -> Any:
    """Return everything of a sweep that a decision depends on: of its progress, what may be its end."""
    metadata, status = sweep["metadata"], sweep.get("status") or {}
    rest = {name: value for name, value in status.items() if name not in OF_THE_BRIDGE}
    progress = status.get("progress") or {}
    counts = progress.get("shardsDone"), progress.get("failed")
    return metadata.get("generation"), metadata.get("deletionTimestamp"), counts, rest
