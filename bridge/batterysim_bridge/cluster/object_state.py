"""An object of ours, as much of it as the bridge keeps in memory."""

import json
import zlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from batterysim.status import ENDED_PHASES

NO_LABELS: Mapping[str, str] = MappingProxyType({})


class SharedRun(NamedTuple):
    """Of a simulation that shared runners run: which attempt may be run, and who has which.

    claim: the status's field, as it is; None: nobody has had it.
    has_job: whether it was given to a Job after all.
    """

    granted_attempt: int
    claim: Mapping[str, object] | None
    has_job: bool


class ObjectState(NamedTuple):
    """A BatterySimulation or BatterySweep without its spec, which may be large.

    Lists, watches and lifetimes of both are the same; of a sweep, `has_result` is about its table.
    """

    namespace: str
    name: str
    uid: str
    resource_version: str
    phase: str | None = None
    has_result: bool = False
    callback_id: str | None = None
    created_time: str = ""
    """As Kubernetes writes it, which sorts as text: 2026-11-24T12:00:00Z."""
    protocol: str | None = None
    """The protocol of a simulation, as its spec names it."""
    labels: Mapping[str, str] = NO_LABELS
    is_being_deleted: bool = False
    created_by: str | None = None
    """Which program has made it, as its label says."""
    ended_time: str | None = None
    """As Kubernetes writes it; None: it has not ended."""
    owes_callback: bool = False
    """Whether a callback has still to be delivered, or will have to be at the end."""
    kept_seconds: int | None = None
    """How long it is kept after its end; None: as the settings say."""
    result_kept_seconds: int | None = None
    """How long its result is kept; None: as the settings say."""
    shared: SharedRun | None = None
    """None: shared runners have nothing to do with it."""
    packed: bytes = zlib.compress(b"{}")
    """The document, compressed to less than half: of 10,000 simulations there are as many."""

    @property
    def identity(self) -> tuple[str, str, str]:
        """Namespace, name and UID."""
        return self.namespace, self.name, self.uid

    @property
    def document(self) -> bytes:
        """Metadata and status as JSON: what lists and events show."""
        return zlib.decompress(self.packed)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more is going to happen by itself."""
        return self.phase in ENDED_PHASES

    @property
    def status(self) -> dict[str, Any]:
        """The status as the API server has it, read from the document at each use."""
        status: dict[str, Any] = json.loads(self.document).get("status", {})
        return status

    @property
    def version(self) -> int:
        """The resource version as a number: a later change of any object has a greater one."""
        return int(self.resource_version)
