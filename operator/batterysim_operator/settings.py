"""The operator's settings, from environment variables that the Helm chart sets."""

import ipaddress
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from batterysim.names import RUNNER_INPUT_DIR, RUNNER_TOKEN_FILE
from batterysim_operator.control.job_queue import NO_LIMITS, JobLimits
from batterysim_operator.control.runner_scale import SharedRunners
from batterysim_operator.delivery.destination import AllowedDestination, DestinationPolicy


@dataclass(frozen=True)
class RunnerSettings:
    """How runner Jobs look when a simulation does not say otherwise."""

    image: str
    bridge_url: str
    image_pull_policy: str = "IfNotPresent"
    resources: dict[str, dict[str, str]] = field(default_factory=dict)
    node_selector: dict[str, str] = field(default_factory=dict)
    tolerations: list[dict[str, Any]] = field(default_factory=list)
    priority_class: str | None = None
    """None: the cluster's default."""
    shared_namespaces: frozenset[str] = frozenset()
    """Namespaces that have shared runners."""


@dataclass(frozen=True)
class Settings:
    """All of the operator's settings."""

    runner: RunnerSettings
    job_limits: JobLimits = NO_LIMITS
    shared_runners: tuple[SharedRunners, ...] = ()
    shared_deployment: str = "batterysim-shared-runner"
    """Name of their Deployment, in each of their namespaces."""
    watch_namespaces: tuple[str, ...] = ()
    destinations: DestinationPolicy = field(default_factory=DestinationPolicy)
    bridge_token_file: Path = Path(RUNNER_INPUT_DIR) / RUNNER_TOKEN_FILE
    log_level: str = "INFO"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings.

        Raises:
            KeyError: names the variable that is missing.
            ValueError: a variable that holds JSON does not parse.
        """
        return cls(
            runner=RunnerSettings(
                image=environment["BATTERYSIM_RUNNER_IMAGE"],
                bridge_url=environment["BATTERYSIM_BRIDGE_URL"],
                image_pull_policy=environment.get("BATTERYSIM_RUNNER_IMAGE_PULL_POLICY", "IfNotPresent"),
                resources=json.loads(environment.get("BATTERYSIM_RUNNER_RESOURCES") or "{}"),
                node_selector=json.loads(environment.get("BATTERYSIM_RUNNER_NODE_SELECTOR") or "{}"),
                priority_class=environment.get("BATTERYSIM_RUNNER_PRIORITY_CLASS") or None,
                tolerations=json.loads(environment.get("BATTERYSIM_RUNNER_TOLERATIONS") or "[]"),
                shared_namespaces=frozenset(
                    _words(environment.get("BATTERYSIM_SHARED_RUNNER_NAMESPACES", ""))
                ),
            ),
            shared_runners=_shared_runners(environment),
            shared_deployment=environment.get("BATTERYSIM_SHARED_RUNNER_DEPLOYMENT") or cls.shared_deployment,
            job_limits=JobLimits(
                _limit(environment, "BATTERYSIM_MAX_CONCURRENT"),
                _limit(environment, "BATTERYSIM_MAX_CONCURRENT_PER_NAMESPACE"),
            ),
            watch_namespaces=tuple(_words(environment.get("BATTERYSIM_WATCH_NAMESPACES", ""))),
            destinations=_destinations(environment),
            bridge_token_file=Path(environment.get("BATTERYSIM_BRIDGE_TOKEN_FILE", cls.bridge_token_file)),
            log_level=environment.get("BATTERYSIM_LOG_LEVEL", "INFO"),
        )


def _destinations(environment: Mapping[str, str]) -> DestinationPolicy:
    allowed = json.loads(environment.get("BATTERYSIM_CALLBACK_ALLOWED_URLS") or "[]")
    denied = json.loads(environment.get("BATTERYSIM_CALLBACK_DENIED_NETWORKS") or "[]")
    return DestinationPolicy(
        tuple(map(AllowedDestination.parse, allowed)), tuple(map(ipaddress.ip_network, denied))
    )


def _shared_runners(environment: Mapping[str, str]) -> tuple[SharedRunners, ...]:
    """Return the shared runners that the chart's values declare, with its defaults."""
    return tuple(
        SharedRunners(
            item["namespace"],
            minimum=item.get("min", 1),
            maximum=item.get("max", item.get("min", 1)),
            concurrency=item.get("concurrency", 2),
        )
        for item in json.loads(environment.get("BATTERYSIM_SHARED_RUNNERS") or "[]")
    )


def _limit(environment: Mapping[str, str], variable: str) -> int | None:
    """Return a limit; None: there is none, which is said by 0 or nothing."""
    return int(environment.get(variable) or 0) or None


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]
