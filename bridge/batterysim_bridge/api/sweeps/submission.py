"""A sweep that a user wants to have run: from a request's body to the object that is created for it."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from pydantic import ValidationError

from batterysim import names
from batterysim.contract import Contract, JsonObject
from batterysim.idempotency import ANNOTATION_REQUEST_HASH, LABEL_KEY_HASH, naming, request_hash
from batterysim.problem import InvalidSpecError
from batterysim.sweep.cluster.judge import check_for_cluster
from batterysim_bridge.api.submission import (
    ANNOTATION_SUBMITTED_BY,
    Metadata,
    ShortForm,
)
from batterysim_bridge.http.problem import INVALID, FieldError, field_errors, invalid, wrong_fields
from batterysim_bridge.http.request_body import Body, parse_document


class SweepManifest(Contract):
    """A sweep as `kubectl apply` takes it."""

    api_version: Literal["batterysim.dev/v1alpha1"]
    """The version of the resource."""
    kind: Literal["BatterySweep"]
    """The kind of the resource."""
    metadata: Metadata
    """Name, namespace, labels and annotations."""
    spec: JsonObject
    """The spec of a BatterySweep."""


class SweepSubmission(NamedTuple):
    """A sweep that can be run.

    spec: as the API server takes it. request_hash: the same for the same request, in JSON or YAML.
    """

    namespace: str
    metadata: Metadata
    spec: Mapping[str, Any]
    request_hash: str


def sweep_submission_of(body: Body, query_namespace: str | None, default_namespace: str) -> SweepSubmission:
    """Read a request's body, which may take long: in a worker.

    Raises:
        ProblemError: it is malformed, or names every wrong field.
    """
    metadata, raw_spec = _read_form(parse_document(body))
    if None not in (metadata.namespace, query_namespace) and metadata.namespace != query_namespace:
        message = f"is {metadata.namespace!r}, but the query says {query_namespace!r}: leave one out"
        raise wrong_fields(INVALID, [FieldError("namespace", message)])
    namespace = metadata.namespace or query_namespace or default_namespace
    try:
        spec = check_for_cluster(raw_spec)
    except InvalidSpecError as error:
        raise invalid(error.problems) from error
    # What the user has set, and no default: the API server adds its own.
    written = spec.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)
    hashed = request_hash({**metadata.to_json_dict(), "namespace": namespace}, raw_spec)
    return SweepSubmission(namespace, metadata, written, hashed)


def sweep_manifest(submission: SweepSubmission, hashed_key: str | None, username: str) -> dict[str, Any]:
    """Return the object to create."""
    metadata = submission.metadata
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.SWEEP_KIND,
        "metadata": {
            **naming(metadata.name, metadata.generate_name, hashed_key),
            "namespace": submission.namespace,
            "labels": {**metadata.labels, **({LABEL_KEY_HASH: hashed_key} if hashed_key else {})},
            "annotations": {
                **metadata.annotations,
                ANNOTATION_REQUEST_HASH: submission.request_hash,
                ANNOTATION_SUBMITTED_BY: username,
            },
        },
        "spec": submission.spec,
    }


def _read_form(document: Mapping[str, Any]) -> tuple[Metadata, Mapping[str, Any]]:
    is_manifest = not {"apiVersion", "kind", "metadata"}.isdisjoint(document)
    try:
        if is_manifest:
            whole = SweepManifest.model_validate(document)
            return whole.metadata, whole.spec
        short = ShortForm.model_validate(document)
    except ValidationError as error:
        raise wrong_fields(INVALID, field_errors(error.errors())) from error
    return Metadata(
        name=short.name, namespace=short.namespace, labels=short.labels, annotations={}
    ), short.spec
