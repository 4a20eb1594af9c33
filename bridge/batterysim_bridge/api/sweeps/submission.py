"""A sweep that a user wants to have run: from a request's body to the object that is created for it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from batterysim import names
from batterysim.sweep.cluster.checks import check_for_cluster
from batterysim.sweep.spec import BatterySweepSpec
from batterysim_bridge.api.submission import (
    Metadata,
    SweepManifest,
    manifest_of,
    read_checked,
)
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
    return SweepSubmission(
        *read_checked(document, SweepManifest, check_for_cluster, query_namespace, default_namespace)
    )


def sweep_manifest(submission: SweepSubmission, hashed_key: str | None, username: str) -> dict[str, Any]:
    """Return the object to create."""
    # What the user has set, and no default: the API server adds its own.
    spec = submission.spec.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)
    return manifest_of(names.SWEEP_KIND, submission, spec, hashed_key, username)
