"""The pods of runners, as the chart's values describe them for all simulations."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator

from batterysim import names
from batterysim.kubernetes_names import NamespaceName
from batterysim.process.environment import BaseUrl, Section
from batterysim_operator.reconcile.pod_template import PodTemplate

OWN_PREFIXES = (f"{names.GROUP}/", "app.kubernetes.io/")

Quantity = Annotated[str, BeforeValidator(str)]
"""An amount as Kubernetes has it, such as 500m; YAML has `2` as a number."""


class RunnerSettings(Section):
    """How runner Jobs look when a simulation does not say otherwise."""

    image: str
    bridge_url: BaseUrl
    bridge_ca: str | None = None
    """Certificates, in PEM, that the bridge's must be signed by. None: the public authorities."""
    release: str | None = None
    """This release, as NAMESPACE/NAME. None: unknown."""
    image_pull_policy: Literal["Always", "IfNotPresent", "Never"] = "IfNotPresent"
    resources: dict[str, dict[str, Quantity]] = Field(default_factory=dict)
    node_selector: dict[str, str] = Field(default_factory=dict)
    tolerations: list[dict[str, Any]] = Field(default_factory=list)
    priority_class: str | None = None
    """None: the cluster's default."""
    pod_template: PodTemplate = PodTemplate()
    """Additions to the pods of Jobs."""
    extra_env: tuple[dict[str, Any], ...] = ()
    """Variables of the runner's container, as in a pod. Those of the operator win."""
    copied_prefixes: tuple[str, ...] = ()
    """Beginnings of labels and annotations of a simulation that its Job and pod get as well."""
    shared_namespaces: frozenset[NamespaceName] = frozenset()
    """Namespaces that have shared runners."""

    @field_validator("copied_prefixes")
    @classmethod
    def _not_of_others(cls, prefixes: tuple[str, ...]) -> tuple[str, ...]:
        for prefix in prefixes:
            if not prefix or any(own.startswith(prefix) or prefix.startswith(own) for own in OWN_PREFIXES):
                raise ValueError(
                    f"{prefix!r} would copy what the operator sets: write a beginning such as example.org/"
                )
        return prefixes
