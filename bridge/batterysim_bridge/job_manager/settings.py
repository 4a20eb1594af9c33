"""How the Job Manager is served: `bridge.jobManager` of the chart's values."""

from pydantic import PositiveFloat, PositiveInt

from batterysim.kubernetes_names import NamespaceName
from batterysim.process.environment import OptionalBaseUrl, Section


class JobManagerSettings(Section):
    """The Job Manager is served, without a token: it has none to send."""

    namespace: NamespaceName
    """Where its simulations are created."""
    budget_seconds: PositiveFloat = 50
    """How long an answer may take before it is 503. Below the 60 s after which the Job Manager gives up."""
    post_back_url: OptionalBaseUrl = None
    """Base URL to which the points are POSTed as well, below it. None: they are not."""
    port: PositiveInt | None = None
    """TCP port of these paths alone, so that a NetworkPolicy can keep others away. None: the bridge's."""
    max_unfinished: PositiveInt = 50
    """While this many simulations are unfinished, no new one is created."""
    pause_seconds: float = 2
    """Delay of the answer that cluster or store are unavailable, because the request is repeated
    immediately."""
