"""Creating a simulation once, however often it is asked for.

Everything that this needs to know is in the object: the hash of the Idempotency-Key as a label (and as the
name, when the user gave none), the hash of the request as an annotation. So it works across replicas and
restarts, and for as long as the object is there.
"""

from typing import Any

from batterysim.idempotency import ANNOTATION_REQUEST_HASH, LABEL_KEY_HASH, key_hash
from batterysim.spec.run_policy import Isolation
from batterysim_bridge.api.submission import Submission, to_manifest
from batterysim_bridge.cluster.cluster import Cluster, ClusterError, ExistsError, Manifest, RefusedError
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


async def create_once(
    cluster: Cluster,
    submission: Submission,
    key: str | None,
    username: str,
    isolation: Isolation | None = None,
) -> Manifest:
    """Return the simulation of this request: a new one, or the one that an earlier, equal request has made.

    isolation: how a new one is run that does not say so itself; None: as the contract has it.

    Raises:
        ProblemError: the key or the name belongs to another request, or the API server refuses it.
        ClusterError: no answer; asking again is safe with a key or a name.
    """
    hashed_key = None if key is None else key_hash(submission.namespace, key)
    # Not only by name: the same key may come with another name.
    if hashed_key is not None and (
        existing := await cluster.labelled(submission.namespace, LABEL_KEY_HASH, hashed_key)
    ):
        return _if_same(existing[0], submission, hashed_key)
    manifest = to_manifest(submission, hashed_key, username, isolation)
    try:
        created = await cluster.create(manifest)
    except ExistsError as error:
        name = manifest["metadata"].get("name")
        found = None if name is None else await cluster.manifest(submission.namespace, name)
        if found is None:
            raise ClusterError(f"{error}, but it was deleted meanwhile: send it again") from error
        return _if_same(found, submission, hashed_key)
    except RefusedError as error:
        raise ProblemError(REFUSALS[error.status], f"the API server says: {error}") from error
    if hashed_key is not None:
        await _give_way(cluster, created, submission, hashed_key)
    return created


async def _give_way(cluster: Cluster, created: Manifest, submission: Submission, hashed_key: str) -> None:
    """Delete what has just been created, if the key had another simulation at that moment.

    Two requests with one key and two names may each find that the key is new, and create one. The simulations
    at the version of a creation are the same at every look: of two, exactly the later gives way. A bridge
    that is killed between the two calls leaves both.

    Raises:
        ProblemError: it has given way.
        ClusterError: it is not known whether it has to.
    """
    metadata = created["metadata"]
    namespace, uid = submission.namespace, metadata["uid"]
    if len(await cluster.labelled(namespace, LABEL_KEY_HASH, hashed_key)) <= 1:
        return
    at_creation = await cluster.labelled(namespace, LABEL_KEY_HASH, hashed_key, metadata["resourceVersion"])
    for earlier in at_creation:
        if earlier["metadata"]["uid"] != uid:
            await cluster.delete(namespace, metadata["name"], uid)
            _if_same(earlier, submission, hashed_key)


def _if_same(existing: Manifest, submission: Submission, hashed_key: str | None) -> Manifest:
    metadata: dict[str, Any] = existing["metadata"]
    if metadata.get("annotations", {}).get(ANNOTATION_REQUEST_HASH) == submission.request_hash:
        return existing
    where = f"{metadata['name']!r} in namespace {submission.namespace!r}"
    if hashed_key is not None and metadata.get("labels", {}).get(LABEL_KEY_HASH) == hashed_key:
        raise ProblemError(
            KEY_REUSED, f"it belongs to {where}, which differs from this request: use a new key"
        )
    raise ProblemError(EXISTS, f"{where} differs from this request: use another name")
