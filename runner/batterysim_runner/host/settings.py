"""The host's surroundings, from environment variables that the Helm chart sets."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from batterysim.names import RUNNER_INPUT_DIR, RUNNER_TOKEN_FILE


@dataclass(frozen=True)
class HostSettings:
    """All of a host's settings."""

    namespace: str
    bridge_url: str
    image: str
    pod_name: str
    concurrency: int = 2
    """How many simulations it solves side by side."""
    drain_seconds: float = 30.0
    """How long it goes on with them when it is told to end."""
    token_file: Path = Path(RUNNER_INPUT_DIR) / RUNNER_TOKEN_FILE
    bridge_ca: str | None = None
    """Certificates, in PEM, that the bridge's must be signed by. None: the public authorities."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "HostSettings":
        """Read the settings.

        Raises:
            KeyError: names the variable that is missing.
            ValueError: a number is none.
        """
        return cls(
            namespace=environment["BATTERYSIM_NAMESPACE"],
            bridge_url=environment["BATTERYSIM_BRIDGE_URL"],
            image=environment["BATTERYSIM_IMAGE"],
            pod_name=environment["BATTERYSIM_POD_NAME"],
            concurrency=int(environment.get("BATTERYSIM_CONCURRENCY", cls.concurrency)),
            drain_seconds=float(environment.get("BATTERYSIM_DRAIN_SECONDS", cls.drain_seconds)),
            token_file=Path(environment.get("BATTERYSIM_TOKEN_FILE", cls.token_file)),
            bridge_ca=environment.get("BATTERYSIM_BRIDGE_CA") or None,
        )

    def read_token(self) -> str:
        """Return the pod's token for the bridge. Read at each use, because the kubelet renews it."""
        return self.token_file.read_text(encoding="utf-8").strip()
