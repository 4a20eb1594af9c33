"""Names that the components agree on. Derived, never random: doing a thing twice finds what the first did."""

from enum import StrEnum

GROUP = "batterysim.dev"
VERSION = "v1alpha1"
API_VERSION = f"{GROUP}/{VERSION}"
KIND = "BatterySimulation"
PLURAL = "batterysimulations"
SINGULAR = "batterysimulation"
SHORT_NAME = "bsim"
CRD_NAME = f"{PLURAL}.{GROUP}"

SWEEP_KIND = "BatterySweep"
SWEEP_PLURAL = "batterysweeps"
SWEEP_SINGULAR = "batterysweep"
SWEEP_SHORT_NAME = "bsweep"
SWEEP_COLUMN_PATTERN = "^[A-Za-z][A-Za-z0-9_]{0,62}$"
"""Names of a sweep's metrics, which are columns of its table."""
SWEEP_CRD_NAME = f"{SWEEP_PLURAL}.{GROUP}"

LABEL_SIMULATION_NAME = f"{GROUP}/simulation-name"
LABEL_SIMULATION_UID = f"{GROUP}/simulation-uid"
LABEL_SWEEP_NAME = f"{GROUP}/sweep-name"
LABEL_SWEEP_UID = f"{GROUP}/sweep-uid"
LABEL_CREATED_BY = f"{GROUP}/created-by"
LABEL_CALLBACK_SECRET = f"{GROUP}/callback-secret"
"""On Secrets that may sign callbacks; no others do."""
LABEL_COMPONENT = "app.kubernetes.io/component"
LABEL_MANAGED_BY = "app.kubernetes.io/managed-by"
RUNNER_COMPONENT = "runner"
SHARED_RUNNER_COMPONENT = "shared-runner"
LABEL_KUEUE_QUEUE = "kueue.x-k8s.io/queue-name"
MANAGED_BY = "batterysim-operator"

ANNOTATION_SPEC = f"{GROUP}/spec"
"""The physics part of the spec as JSON, on the runner's pod, which reads it through the downward API."""

ANNOTATION_SIMULATION = f"{GROUP}/simulation"
"""The whole name of the simulation, on its Job and pods; a label's value may be too short for it."""

ANNOTATION_SWEEP = f"{GROUP}/sweep"
"""The whole name of the sweep, on its Job and pods."""

ANNOTATION_CREATED = f"{GROUP}/created"
"""When the operator created a Job, to the microsecond; Kubernetes itself knows it to the second."""

ANNOTATION_RELEASE = f"{GROUP}/release"
"""The Helm release whose operator created a Job, as NAMESPACE/NAME."""

TOKEN_AUDIENCE = "batterysim-bridge"  # noqa: S105 - the audience of tokens, not a token
PROXIED_AUTHORIZATION = "x-batterysim-authorization"
"""The header for a token that comes through the API server's service proxy, which removes Authorization."""
CHECKPOINT_MEDIA_TYPE = "application/octet-stream"
CHECKPOINT_CYCLE = "batterysim-cycle"
"""The header of a checkpoint that says after which cycle it was made."""
RUNNER_CONTAINER = "runner"
RUNNER_INPUT_DIR = "/var/run/batterysim"
RUNNER_SPEC_FILE = "spec.json"
RUNNER_TOKEN_FILE = "token"  # noqa: S105 - the name of a file

# Kubernetes label values have at most 63 characters; object names may have 253.
LABEL_VALUE_MAX_LENGTH = 63


class FieldManager(StrEnum):
    """The owners of the fields of the status under server-side apply."""

    OPERATOR = "batterysim-operator"
    CALLBACK = "batterysim-operator-callback"
    BRIDGE = "batterysim-bridge"
    PROGRESS = "batterysim-bridge-progress"
    CLAIM = "batterysim-bridge-claim"


def job_name(uid: str) -> str:
    """Return the name of the runner Job of the simulation with this UID.

    From the UID, not the name: a simulation that is deleted and made again gets a Job of its own.
    """
    return f"bsim-{uid}"


def sweep_job_name(uid: str) -> str:
    """Return the name of the Indexed Job of the sweep with this UID."""
    return f"bsweep-{uid}"


def message_id(uid: str) -> str:
    """Return the callback's `webhook-id`, the same at every attempt."""
    return f"msg_{uid}"


SIMULATIONS_PATH = "/v1/simulations"
"""The bridge's path of all simulations."""


def simulation_path(namespace: str, name: str) -> str:
    """Return the bridge's path of a simulation."""
    return f"{SIMULATIONS_PATH}/{namespace}/{name}"


def result_path(namespace: str, name: str) -> str:
    """Return the bridge's path of a simulation's result."""
    return f"{simulation_path(namespace, name)}/result"


def progress_path(namespace: str, name: str) -> str:
    """Return the bridge's path that takes a run's progress."""
    return f"{simulation_path(namespace, name)}/progress"


def checkpoint_path(namespace: str, name: str) -> str:
    """Return the bridge's path of an unfinished run's newest checkpoint."""
    return f"{simulation_path(namespace, name)}/checkpoint"


def initial_state_path(namespace: str, name: str) -> str:
    """Return the bridge's path of the earlier state that a simulation goes on from."""
    return f"{simulation_path(namespace, name)}/initial-state"


def result_uri(bridge_url: str, namespace: str, name: str) -> str:
    """Return the address of a simulation's result."""
    return bridge_url.rstrip("/") + result_path(namespace, name)


def outcome_path(namespace: str, name: str) -> str:
    """Return the bridge's path that takes how an attempt on a shared runner ended, unless by a result."""
    return f"{simulation_path(namespace, name)}/outcome"


def work_path(namespace: str) -> str:
    """Return the bridge's path that gives shared runners of a namespace something to do."""
    return f"/v1/shared-runners/{namespace}/work"


def heartbeat_path(namespace: str) -> str:
    """Return the bridge's path that shared runners tell what they are at, and learn there what to stop."""
    return f"/v1/shared-runners/{namespace}/heartbeat"


SWEEPS_PATH = "/v1/sweeps"
"""The bridge's path of all sweeps."""


def sweep_path(namespace: str, name: str) -> str:
    """Return the bridge's path of a sweep."""
    return f"{SWEEPS_PATH}/{namespace}/{name}"


def points_path(namespace: str, name: str) -> str:
    """Return the bridge's path of a sweep's table."""
    return f"{sweep_path(namespace, name)}/points"


def points_uri(bridge_url: str, namespace: str, name: str) -> str:
    """Return the address of a sweep's table."""
    return bridge_url.rstrip("/") + points_path(namespace, name)


def point_result_path(namespace: str, name: str, point: int | str) -> str:
    """Return the bridge's path of the whole result of a sweep's point, where that is kept."""
    return f"{points_path(namespace, name)}/{point}/result"


def shard_path(namespace: str, name: str, shard: int | str) -> str:
    """Return the bridge's path that takes how far a shard of a sweep is."""
    return f"{sweep_path(namespace, name)}/shards/{shard}"


def parts_path(namespace: str, name: str, shard: int | str) -> str:
    """Return the bridge's path of the stored parts of a shard."""
    return f"{shard_path(namespace, name, shard)}/parts"


def part_path(namespace: str, name: str, shard: int | str, part: int | str) -> str:
    """Return the bridge's path of a part of a sweep's table."""
    return f"{parts_path(namespace, name, shard)}/{part}"
