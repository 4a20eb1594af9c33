"""Creating a simulation once by the API server, with the same marks as the bridge's, so that both agree."""

from collections.abc import Mapping
from typing import Any

from batterysim.idempotency import (
    ANNOTATION_REQUEST_HASH,
    LABEL_KEY_HASH,
    key_hash,
    naming,
    request_hash,
)
from batterysim_client.errors import ConflictError
from batterysim_client.simulation import Simulation


def marked(manifest: Mapping[str, Any], key: str | None) -> dict[str, Any]:
    """Return a manifest with its name, and with marks by which the same request is known again.

    manifest: with a namespace, labels and annotations.
    key: of idempotency.
    """
    metadata = dict(manifest["metadata"])
    hashed_request = request_hash(metadata, manifest["spec"])
    hashed_key = None if key is None else key_hash(metadata["namespace"], key)
    labels = {**metadata["labels"], **({LABEL_KEY_HASH: hashed_key} if hashed_key else {})}
    annotations = {**metadata["annotations"], ANNOTATION_REQUEST_HASH: hashed_request}
    marks = {
        **naming(metadata.get("name"), metadata.get("generateName"), hashed_key),
        "labels": labels,
        "annotations": annotations,
    }
    kept = {key: value for key, value in metadata.items() if key not in ("name", "generateName")}
    return {**manifest, "metadata": {**kept, **marks}}


def if_same(existing: Simulation, wanted: Mapping[str, Any]) -> Simulation:
    """Return the simulation that is there, if it is what is wanted.

    wanted: a manifest as of `marked`.

    Raises:
        ConflictError: it is something else.
    """
    metadata = wanted["metadata"]
    annotations = existing.manifest["metadata"].get("annotations") or {}
    if annotations.get(ANNOTATION_REQUEST_HASH) == metadata["annotations"][ANNOTATION_REQUEST_HASH]:
        return existing
    where = f"{existing.name!r} in namespace {existing.namespace!r}"
    hashed_key = metadata["labels"].get(LABEL_KEY_HASH)
    if hashed_key is not None and existing.labels.get(LABEL_KEY_HASH) == hashed_key:
        raise ConflictError(
            f"the idempotency key belongs to {where}, which differs from this request: use a new key"
        )
    raise ConflictError(f"{where} exists and differs from this request: use another name, or delete it")
