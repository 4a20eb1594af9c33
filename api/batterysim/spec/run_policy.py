"""How a simulation is run, and where its result is sent."""

from typing import Annotated, Literal

from pydantic import Field

from batterysim.contract import Contract
from batterysim.kubernetes_names import LABEL_VALUE_PATTERN
from batterysim.names import LABEL_VALUE_MAX_LENGTH
from batterysim.spec.callback_url import CallbackUrl
from batterysim.spec.documents.reference import SecretKeyReference
from batterysim.spec.number import WHOLE_NUMBER
from batterysim.spec.quantity import Quantity

CallbackFormat = Literal["v1", "jobManager"]


class Callback(Contract):
    """Where the result is sent, by one HTTP POST that is retried until the answer is a 2xx."""

    url: CallbackUrl
    """URL to which the result is POSTed. Private addresses need an entry in the operator's allow list."""
    format: CallbackFormat = "v1"
    """v1: the result document with units, summary and provenance.
    jobManager: {"id", "result": [{"time", "voltage", "current", "dcap"}]} (s, V, A, A.h)."""
    id: Annotated[str, Field(min_length=1, max_length=253)] | None = None
    """The "id" of the jobManager format. Default: the object's name."""
    secret_ref: SecretKeyReference | None = None
    """Signs each POST after the Standard Webhooks specification (headers webhook-id, webhook-timestamp,
    webhook-signature)."""


class ResourceAmounts(Contract):
    """Amounts of computing resources."""

    cpu: Quantity | None = None
    """Cores, for example 500m or 2."""
    memory: Quantity | None = None
    """Bytes, for example 512Mi or 2Gi."""


class Resources(Contract):
    """Requests and limits of the runner's container."""

    requests: ResourceAmounts = ResourceAmounts()
    """Amounts to reserve. Default: the operator's setting."""
    limits: ResourceAmounts = ResourceAmounts()
    """Amounts not to exceed. Default: the operator's setting."""


Isolation = Literal["Job", "Process"]
IsolationFallback = Literal["Job", "Fail"]
QueueName = Annotated[str, Field(max_length=LABEL_VALUE_MAX_LENGTH, pattern=LABEL_VALUE_PATTERN)]


class Retention(Contract):
    """How long a simulation and its result are kept. Nothing is removed while a callback is undelivered."""

    simulation_seconds: Annotated[int, Field(ge=60, le=315_360_000), WHOLE_NUMBER] | None = None
    """The simulation is deleted this long after its end, and its result with it. Default: the setting for its
    namespace; without one it stays."""
    result_seconds: Annotated[int, Field(ge=60, le=315_360_000), WHOLE_NUMBER] | None = None
    """The result is removed this long after it was stored. The simulation and its summary stay. Default: the
    limits of the result store."""


class Run(Contract):
    """How the simulation is run."""

    isolation: Isolation = "Job"
    """Job: in a pod of its own. Process: in a process of its own on a shared runner of the namespace. That
    runner is already up, so a short run ends seconds earlier. The results are the same."""
    isolation_fallback: IsolationFallback = "Job"
    """What happens to a Process that no shared runner can take, because the namespace has none, or because
    the spec asks for resources or a queue of its own, or refers to a ConfigMap. Job: it is run as a Job.
    Fail: it fails and says why."""
    queue_name: QueueName | None = None
    """The LocalQueue of Kueue that admits the Job. Default: none."""

    deadline_seconds: Annotated[int, Field(ge=1, le=2_592_000), WHOLE_NUMBER] = 3600
    """The run fails with DeadlineExceeded when it takes longer, retries and waiting for a node included."""
    retries: Annotated[int, Field(ge=0, le=20), WHOLE_NUMBER] = 2
    """Number of retries after a failure that may not recur, such as a lost node or an unreachable bridge.
    Evictions do not count; invalid input is never retried."""
    ttl_seconds_after_finished: Annotated[int, Field(ge=60, le=31_536_000), WHOLE_NUMBER] = 300
    """How long the Job and its pod (with its log) stay after the end. The result and this object stay, and of
    a failed run the end of its log, in status.failure."""
    retention: Retention = Retention()
    """How long the simulation and its result are kept."""
    resources: Resources = Resources()
    """Resources of the runner's container."""
