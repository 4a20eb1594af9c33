"""Creating a simulation or a sweep once, however often it is asked for.

Everything that this needs to know is in the object: the hash of the Idempotency-Key as a label (and as the
name, when the user gave none), the hash of the request as an annotation. So it works across replicas and
restarts, and for as long as the object is there.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

from batterysim.idempotency import ANNOTATION_REQUEST_HASH, LABEL_KEY_HASH, key_hash
from batterysim_bridge.cluster.cluster import ClusterError, ExistsError, Manifest, RefusedError
from batterysim_bridge.http.problem import (
    EXISTS,
    INVALID,
    KEY_REUSED,
    NO_NAMESPACE,
    REFUSED,
    TOO_LARGE,
    ProblemError,
    ProblemType,
)

REFUSALS: dict[int, ProblemType] = {
    400: INVALID,
    403: REFUSED,
    404: NO_NAMESPACE,
    413: TOO_LARGE,
    422: INVALID,
}


class Creation(NamedTuple):
    """An object to create.

    request_hash: of what was asked for.
    manifest: the object, by the hash of the Idempotency-Key.
    """

    namespace: str
    request_hash: str
    manifest: Callable[[str | None], Manifest]


class Objects(Protocol):
    """What creation needs of a cluster."""

    async def manifest(self, namespace: str, name: str) -> Manifest | None:
        """Return an object; None if there is none."""

    async def labelled(
        self, namespace: str, label: str, value: str, at: str | None = None
    ) -> tuple[Manifest, ...]:
        """Return the objects with this label, the oldest first. at: at this very version."""

    async def create(self, manifest: Manifest) -> Manifest:
        """Create an object."""

    async def delete(self, namespace: str, name: str, uid: str | None = None) -> bool:
        """Delete an object."""


async def create_once(cluster: Objects, creation: Creation, key: str | None) -> Manifest:
    """Return the object of this request: a new one, or the one that an earlier, equal request has made.

    Raises:
        ProblemError: the key or the name belongs to another request, or the API server refuses it.
        ClusterError: no answer; asking again is safe with a key or a name.
    """
    hashed_key = None if key is None else key_hash(creation.namespace, key)
    # Not only by name: the same key may come with another name.
    if hashed_key is not None and (
        existing := await cluster.labelled(creation.namespace, LABEL_KEY_HASH, hashed_key)
    ):
        return _if_same(existing[0], creation, hashed_key)
    manifest = creation.manifest(hashed_key)
    try:
        created = await cluster.create(manifest)
    except ExistsError as error:
        name = manifest["metadata"].get("name")
        found = None if name is None else await cluster.manifest(creation.namespace, name)
        if found is None:
            raise ClusterError(f"{error}, but it was deleted meanwhile: send it again") from error
        return _if_same(found, creation, hashed_key)
    except RefusedError as error:
        raise ProblemError(REFUSALS[error.status], f"the API server says: {error}") from error
    if hashed_key is not None:
        await _give_way(cluster, created, creation, hashed_key)
    return created


async def _give_way(cluster: Objects, created: Manifest, creation: Creation, hashed_key: str) -> None:
    """Delete what has just been created, if the key had another simulation at that moment.

    Two requests with one key and two names may each find that the key is new, and create one. The simulations
    at the version of a creation are the same at every look: of two, exactly the later gives way. A bridge
    that is killed between the two calls leaves both.

    Raises:
        ProblemError: it has given way.
        ClusterError: it is not known whether it has to.
    """
    metadata = created["metadata"]
    namespace, uid = creation.namespace, metadata["uid"]
    if len(await cluster.labelled(namespace, LABEL_KEY_HASH, hashed_key)) <= 1:
        return
    at_creation = await cluster.labelled(namespace, LABEL_KEY_HASH, hashed_key, metadata["resourceVersion"])
    for earlier in at_creation:
        if earlier["metadata"]["uid"] != uid:
            await cluster.delete(namespace, metadata["name"], uid)
            _if_same(earlier, creation, hashed_key)


def _if_same(existing: Manifest, creation: Creation, hashed_key: str | None) -> Manifest:
    metadata: dict[str, Any] = existing["metadata"]
    if metadata.get("annotations", {}).get(ANNOTATION_REQUEST_HASH) == creation.request_hash:
        return existing
    where = f"{metadata['name']!r} in namespace {creation.namespace!r}"
    if hashed_key is not None and metadata.get("labels", {}).get(LABEL_KEY_HASH) == hashed_key:
        raise ProblemError(
            KEY_REUSED, f"it belongs to {where}, which differs from this request: use a new key"
        )
    raise ProblemError(EXISTS, f"{where} differs from this request: use another name")
