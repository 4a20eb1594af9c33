"""A sweep that a user wants to have run: from a request's body to the object that is created for it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from batterysim import names
from batterysim.problem import InvalidSpecError
from batterysim.sweep.cluster.judge import check_for_cluster
from batterysim.sweep.spec import BatterySweepSpec
from batterysim_bridge.api.submission import (
    Metadata,
    SweepManifest,
    hash_of,
    manifest_of,
    namespace_of,
    read_form,
)
from batterysim_bridge.http.problem import invalid
from batterysim_bridge.http.request_body import Body, parse_document


class SweepSubmission(NamedTuple):
    """A sweep that can be run.

    request_hash: the same for the same request, in JSON or YAML.
    """

    namespace: str
    metadata: Metadata
    spec: BatterySweepSpec
    request_hash: str


def sweep_submission_of(body: Body, query_namespace: str | None, default_namespace: str) -> SweepSubmission:
    """Read a request's body, which may take long: in a worker.

    Raises:
        ProblemError: it is malformed, or names every wrong field.
    """
    return read_sweep_submission(parse_document(body), query_namespace, default_namespace)


def read_sweep_submission(
    document: Mapping[str, Any], query_namespace: str | None, default_namespace: str
) -> SweepSubmission:
    """Read either form.

    Raises:
        ProblemError: names every wrong field.
    """
    metadata, raw_spec = read_form(document, SweepManifest)
    namespace = namespace_of(metadata, query_namespace, default_namespace)
    try:
        spec = check_for_cluster(raw_spec)
    except InvalidSpecError as error:
        raise invalid(error.problems) from error
    return SweepSubmission(namespace, metadata, spec, hash_of(namespace, metadata, raw_spec))


def sweep_manifest(submission: SweepSubmission, hashed_key: str | None, username: str) -> dict[str, Any]:
    """Return the object to create."""
    # What the user has set, and no default: the API server adds its own.
    spec = submission.spec.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)
    return manifest_of(names.SWEEP_KIND, submission, spec, hashed_key, username)
