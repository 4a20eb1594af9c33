"""A sweep that a user wants to have run: from a request's body to the object that is created for it."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from batterysim import names
from batterysim.contract import JsonObject
from batterysim.problem import InvalidSpecError
from batterysim.sweep.cluster.judge import check_for_cluster
from batterysim_bridge.api.submission import (
    Metadata,
    WholeForm,
    hash_of,
    manifest_of,
    namespace_of,
    read_form,
)
from batterysim_bridge.http.problem import invalid
from batterysim_bridge.http.request_body import Body, parse_document


class SweepManifest(WholeForm):
    """A sweep as `kubectl apply` takes it."""

    kind: Literal["BatterySweep"]
    """The kind of the resource."""
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
    metadata, raw_spec = read_form(parse_document(body), SweepManifest)
    namespace = namespace_of(metadata, query_namespace, default_namespace)
    try:
        spec = check_for_cluster(raw_spec)
    except InvalidSpecError as error:
        raise invalid(error.problems) from error
    # What the user has set, and no default: the API server adds its own.
    written = spec.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)
    return SweepSubmission(namespace, metadata, written, hash_of(namespace, metadata, raw_spec))


def sweep_manifest(submission: SweepSubmission, hashed_key: str | None, username: str) -> dict[str, Any]:
    """Return the object to create."""
    return manifest_of(names.SWEEP_KIND, submission, submission.spec, hashed_key, username)
