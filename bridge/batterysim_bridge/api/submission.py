"""What a user wants to have run: from a request's body to the object that is created for it."""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, NamedTuple, Protocol, TypeVar

from pydantic import AfterValidator, Field, ValidationError

from batterysim import names
from batterysim.checks.validation import parse_spec
from batterysim.contract import Contract, JsonObject
from batterysim.idempotency import ANNOTATION_REQUEST_HASH, LABEL_KEY_HASH, naming, request_hash
from batterysim.kubernetes_names import LabelValue, NamePrefix, NamespaceName, ObjectName, is_label_key
from batterysim.problem import InvalidSpecError
from batterysim.spec.run_policy import Isolation
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_bridge.http.problem import (
    BAD_REQUEST,
    INVALID,
    FieldError,
    field_errors,
    invalid,
    wrong_fields,
)
from batterysim_bridge.http.request_body import Body, parse_document

SpecT = TypeVar("SpecT")

ANNOTATION_SUBMITTED_BY = f"{names.GROUP}/submitted-by"

_IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]([\x20-\x7e]{0,253}[\x21-\x7e])?")


def _not_ours(key: str) -> str:
    if not is_label_key(key):
        raise ValueError("must be a name, optionally with a domain and '/' before it")
    if key.partition("/")[0].endswith(names.GROUP):
        raise ValueError(
            f"labels and annotations under {names.GROUP}/ are reserved for the bridge: remove it"
        )
    return key


MetadataKey = Annotated[str, AfterValidator(_not_ours)]
Labels = Annotated[dict[MetadataKey, LabelValue], Field(default_factory=dict)]


class ShortForm(Contract):
    """A simulation in short."""

    name: ObjectName | None = None
    """Default: derived from the Idempotency-Key, or else generated."""
    namespace: NamespaceName | None = None
    """Default: that of the query, or else the bridge's setting."""
    labels: Labels
    """Labels to find it by."""
    spec: JsonObject
    """The spec of a BatterySimulation."""


class SweepShortForm(ShortForm):
    """A sweep in short."""

    spec: JsonObject
    """The spec of a BatterySweep."""


class Metadata(Contract):
    """The part of an object's metadata that a user may set."""

    name: ObjectName | None = None
    """Default: derived from the Idempotency-Key, or else generated."""
    generate_name: NamePrefix | None = None
    """Beginning of a name that is derived or generated. Without effect if there is a name."""
    namespace: NamespaceName | None = None
    """Default: that of the query, or else the bridge's setting."""
    labels: Labels
    """Labels to find it by."""
    annotations: Annotated[dict[MetadataKey, str], Field(default_factory=dict)]
    """Notes of your own."""


class WholeForm(Contract):
    """An object as `kubectl apply` takes it, of whichever kind."""

    api_version: Literal["batterysim.dev/v1alpha1"]
    """The version of the resource."""
    metadata: Metadata
    """Name, namespace, labels and annotations."""
    spec: JsonObject
    """What to run."""


class WholeManifest(WholeForm):
    """A simulation as `kubectl apply` takes it."""

    kind: Literal["BatterySimulation"]
    """The kind of the resource."""
    spec: JsonObject
    """The spec of a BatterySimulation."""


class SweepManifest(WholeForm):
    """A sweep as `kubectl apply` takes it."""

    kind: Literal["BatterySweep"]
    """The kind of the resource."""
    spec: JsonObject
    """The spec of a BatterySweep."""


class Submitted(Protocol):
    """The common part of submissions of each kind."""

    @property
    def namespace(self) -> str:
        """Where it is to be created."""

    @property
    def metadata(self) -> Metadata:
        """Its metadata, as the user has set it."""

    @property
    def request_hash(self) -> str:
        """SHA-256 of what was asked for."""


class Submission(NamedTuple):
    """A simulation that can be run."""

    namespace: str
    metadata: Metadata
    spec: BatterySimulationSpec
    request_hash: str
    """SHA-256 of what was asked for: the same for the same request, in JSON or YAML."""


def submission_of(body: Body, query_namespace: str | None, default_namespace: str) -> Submission:
    """Read a request's body, which may take long: in a worker.

    Raises:
        ProblemError: it is malformed, or names every wrong field.
    """
    return read_submission(parse_document(body), query_namespace, default_namespace)


def read_submission(
    document: Mapping[str, Any], query_namespace: str | None, default_namespace: str
) -> Submission:
    """Read either form.

    Raises:
        ProblemError: names every wrong field.
    """
    return Submission(*read_checked(document, WholeManifest, parse_spec, query_namespace, default_namespace))


def read_checked(
    document: Mapping[str, Any],
    whole_form: type[WholeForm],
    check: Callable[[Mapping[str, Any]], SpecT],
    query_namespace: str | None,
    default_namespace: str,
) -> tuple[str, Metadata, SpecT, str]:
    """Read either form of a kind; return namespace, metadata, checked spec and request hash.

    check: raises InvalidSpecError for a spec that cannot be run.

    Raises:
        ProblemError: names every wrong field.
    """
    metadata, raw_spec = read_form(document, whole_form)
    namespace = namespace_of(metadata, query_namespace, default_namespace)
    try:
        spec = check(raw_spec)
    except InvalidSpecError as error:
        raise invalid(error.problems) from error
    return namespace, metadata, spec, hash_of(namespace, metadata, raw_spec)


def namespace_of(metadata: Metadata, query_namespace: str | None, default_namespace: str) -> str:
    """Return where an object is to be created.

    Raises:
        ProblemError: body and query name different namespaces.
    """
    if None not in (metadata.namespace, query_namespace) and metadata.namespace != query_namespace:
        message = f"is {metadata.namespace!r}, but the query says {query_namespace!r}: leave one out"
        raise wrong_fields(INVALID, [FieldError("namespace", message)])
    return metadata.namespace or query_namespace or default_namespace


def read_form(document: Mapping[str, Any], whole_form: type[WholeForm]) -> tuple[Metadata, Mapping[str, Any]]:
    """Return metadata and spec of a short form or of a whole manifest.

    Raises:
        ProblemError: names every wrong field.
    """
    is_manifest = not {"apiVersion", "kind", "metadata"}.isdisjoint(document)
    try:
        if is_manifest:
            whole = whole_form.model_validate(document)
            return whole.metadata, whole.spec
        short = ShortForm.model_validate(document)
    except ValidationError as error:
        raise wrong_fields(INVALID, field_errors(error.errors())) from error
    metadata = Metadata(name=short.name, namespace=short.namespace, labels=short.labels, annotations={})
    return metadata, short.spec


def hash_of(namespace: str, metadata: Metadata, raw_spec: Mapping[str, Any]) -> str:
    """Return what tells a request from others."""
    return request_hash({**metadata.to_json_dict(), "namespace": namespace}, raw_spec)


def read_idempotency_key(header: str | None) -> str | None:
    """Return the value of an Idempotency-Key header, with or without the quotation marks of the draft.

    https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/

    Raises:
        ProblemError: it is empty, too long or not printable.
    """
    if header is None:
        return None
    key = header[1:-1] if len(header) > 1 and header[0] == header[-1] == '"' else header
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        raise wrong_fields(
            BAD_REQUEST, [FieldError("Idempotency-Key", "must be 1 to 255 printable ASCII characters")]
        )
    return key


def to_manifest(
    submission: Submission, hashed_key: str | None, username: str, isolation: Isolation | None = None
) -> dict[str, Any]:
    """Return the object to create.

    isolation: how it is run if it does not say so itself; None: as the contract has it.
    """
    # What the user has set, and no default: the API server adds its own.
    spec = submission.spec.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)
    if isolation is not None:
        spec["run"] = {"isolation": isolation} | spec.get("run", {})
    return manifest_of(names.KIND, submission, spec, hashed_key, username)


def manifest_of(
    kind: str, submission: Submitted, spec: Mapping[str, Any], hashed_key: str | None, username: str
) -> dict[str, Any]:
    """Return an object to create, with what tells whose request made it."""
    metadata = submission.metadata
    return {
        "apiVersion": names.API_VERSION,
        "kind": kind,
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
        "spec": spec,
    }
