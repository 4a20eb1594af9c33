"""The operator's settings, from environment variables that the Helm chart sets."""

import ssl
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, field_validator

from batterysim.kubernetes_names import NamespaceName
from batterysim.names import RUNNER_INPUT_DIR, RUNNER_TOKEN_FILE
from batterysim.process.environment import EnvironmentSettings, Limit, Section
from batterysim_operator.control.job_queue import JobLimits
from batterysim_operator.control.runner_scale import SharedRunners
from batterysim_operator.delivery.destination import AllowedDestination, DestinationPolicy
from batterysim_operator.reconcile.runner_settings import RunnerSettings


class QueueSettings(Section):
    """How many simulations may have a Job that has not ended."""

    max_concurrent: Limit = None
    max_concurrent_per_namespace: Limit = None


class SharedRunnersSettings(Section):
    """The shared runners of a namespace. Their resources are the chart's business."""

    model_config = ConfigDict(extra="ignore")

    namespace: NamespaceName
    min: Annotated[int, Field(ge=1)] = 1
    max: Annotated[int | None, Field(ge=1)] = None
    """None: as many as `min`."""
    concurrency: Annotated[int, Field(ge=1)] = 2

    def scale(self) -> SharedRunners:
        """Return them as the scaling has them."""
        return SharedRunners(
            self.namespace, self.min, self.min if self.max is None else self.max, self.concurrency
        )


def _destination(entry: Any) -> Any:
    return AllowedDestination.parse(entry) if isinstance(entry, str | dict) else entry


class CallbackSettings(Section):
    """Where callbacks may go."""

    allowed_private_urls: tuple[Annotated[AllowedDestination, BeforeValidator(_destination)], ...] = ()
    denied_networks: tuple[IPv4Network | IPv6Network, ...] = ()
    proxy: Annotated[str, Field(pattern=r"^(http://[^/?#@\s]+)?$")] = ""
    """URL of the proxy to receivers that are not in allowed_private_urls. Empty: none."""
    ca: str = ""
    """Certificates, in PEM, that receivers are trusted by in addition to the public authorities."""

    @field_validator("ca")
    @classmethod
    def _certificates(cls, ca: str) -> str:
        try:
            if ca:
                ssl.create_default_context(cadata=ca)
        except (ssl.SSLError, ValueError) as error:
            raise ValueError("has no certificates in PEM: begin with -----BEGIN CERTIFICATE-----") from error
        return ca


class Settings(EnvironmentSettings):
    """All of the operator's settings."""

    runner: RunnerSettings
    queue: QueueSettings = QueueSettings()
    callbacks: CallbackSettings = CallbackSettings()
    shared_runners: tuple[SharedRunnersSettings, ...] = ()
    shared_runner_deployment: str = "batterysim-shared-runner"
    """Name of their Deployment, in each of their namespaces."""
    watch_namespaces: tuple[NamespaceName, ...] = ()
    bridge_token_file: Path = Path(RUNNER_INPUT_DIR) / RUNNER_TOKEN_FILE
    bridge_ca: str | None = None
    """Certificates, in PEM, that the bridge's must be signed by. None: the public authorities."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @cached_property
    def destinations(self) -> DestinationPolicy:
        """Which destinations of callbacks are allowed."""
        return DestinationPolicy(self.callbacks.allowed_private_urls, self.callbacks.denied_networks)

    @cached_property
    def runner_jobs(self) -> RunnerSettings:
        """How runner Jobs look. The bridge's authorities may come from a Secret, which no section has."""
        return self.runner.model_copy(update={"bridge_ca": self.bridge_ca})

    @property
    def job_limits(self) -> JobLimits:
        """How many simulations may have a Job."""
        return JobLimits(self.queue.max_concurrent, self.queue.max_concurrent_per_namespace)
