"""Whether and how the Job Manager is served."""

from collections.abc import Mapping
from dataclasses import dataclass

from batterysim_bridge.environment import http_url, namespace, positive

DEFAULT_BUDGET_SECONDS = 50
DEFAULT_PORT = 8085
PAUSE_SECONDS = 2.0
MOST_UNFINISHED = 50


@dataclass(frozen=True)
class JobManagerSettings:
    """The Job Manager is served, without a token: it has none to send."""

    namespace: str
    """Where its simulations are created."""
    budget_seconds: float = DEFAULT_BUDGET_SECONDS
    """How long an answer may take before it is 503. Below the 60 s after which the Job Manager gives up."""
    post_back_url: str | None = None
    """Base URL to which the points are POSTed as well, below it. None: they are not."""
    port: int | None = None
    """TCP port of these paths alone, so that a NetworkPolicy can keep others away. None: the bridge's."""
    most_unfinished: int = MOST_UNFINISHED
    """While this many simulations are unfinished, no new one is created."""
    pause_seconds: float = PAUSE_SECONDS
    """Delay of the answer that cluster or store are unavailable, because the request is repeated
    immediately."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "JobManagerSettings | None":
        """Read the settings; None: it is not served.

        Raises:
            SettingsError: for the first variable that is wrong.
        """
        variable = "BATTERYSIM_JOB_MANAGER_NAMESPACE"
        if not environment.get(variable):
            return None
        return cls(
            namespace(environment, variable, "default"),
            positive(environment, "BATTERYSIM_JOB_MANAGER_BUDGET_SECONDS", DEFAULT_BUDGET_SECONDS),
            http_url(environment, "BATTERYSIM_JOB_MANAGER_POST_BACK_URL", "http://job-manager-service:8083"),
            positive(environment, "BATTERYSIM_JOB_MANAGER_PORT", DEFAULT_PORT),
            positive(environment, "BATTERYSIM_JOB_MANAGER_MOST_UNFINISHED", MOST_UNFINISHED),
        )
