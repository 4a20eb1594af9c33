"""A simulation that the bridge has handed out to this host."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from batterysim.continuation.likeness import refusal
from batterysim.spec.documents.contents import ContentReference, UnreadableContentError
from batterysim_runner.pod.simulation import Assignment

if TYPE_CHECKING:
    from batterysim_runner.pod.bridge_client import BridgeClient


class Work(NamedTuple):
    """See the bridge's Work.

    spec: the physics.
    credential: shown with everything that is sent about this attempt, and worth nothing for any other.
    bridge_url, bridge_ca, image, pod_name: of this host.
    """

    namespace: str
    name: str
    uid: str
    attempt: int
    credential: str
    spec: Mapping[str, Any]
    seconds_left: float
    bridge_url: str
    image: str
    pod_name: str
    bridge_ca: str | None = None

    @classmethod
    def read(cls, document: bytes) -> "Work":
        """Read what `document` has written."""
        return cls(**json.loads(document))

    def document(self) -> bytes:
        """Return it as JSON."""
        return json.dumps(self._asdict()).encode()

    def read_token(self) -> str:
        """Return the credentials that the bridge requires of a sender for this attempt."""
        return self.credential

    def assignment(self) -> Assignment:
        """Return what the child is to do."""
        return Assignment(
            namespace=self.namespace,
            name=self.name,
            image=self.image,
            pod_name=self.pod_name,
            started_time=datetime.now(UTC),
            read_spec=partial(json.dumps, self.spec),
            read_reference=_no_reference,
            open_checkpoints=self.client,
            read_initial_state=_no_initial_state,
        )

    def client(self) -> "BridgeClient":
        """Return a way to the bridge for this attempt alone."""
        from batterysim_runner.pod.bridge_client import BridgeClient  # noqa: PLC0415 - few children need it

        return BridgeClient(self)


def _no_initial_state() -> NoReturn:
    raise refusal("a shared runner does not go on from an earlier result: use isolation Job")


def _no_reference(reference: ContentReference) -> NoReturn:
    raise UnreadableContentError(f"cannot be read on a shared runner ({reference.name}): use isolation Job")
