"""What an administrator adds to the pods of runners, under the fields that keep them safe."""

from typing import Any

from pydantic import Field, field_validator

from batterysim import names
from batterysim.process.environment import Section

CONTAINER_SECURITY: dict[str, Any] = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}
OWN_VOLUMES = frozenset({"inputs", "tmp"})

Manifest = dict[str, Any]


class PodMetadata(Section):
    """Labels and annotations, which do not replace those of the operator."""

    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)


class PodSpec(Section):
    """The fields of a pod's spec that can be set, with Kubernetes' names and meanings.

    Neither its containers, security context and mounts, nor the host's network, processes and files can.
    """

    affinity: Manifest = Field(default_factory=dict)
    dns_config: Manifest = Field(default_factory=dict)
    dns_policy: str | None = None
    host_aliases: list[Manifest] = Field(default_factory=list)
    image_pull_secrets: list[Manifest] = Field(default_factory=list)
    init_containers: list[Manifest] = Field(default_factory=list)
    """A sidecar is one with restartPolicy Always: the Job would wait for any other container."""
    node_selector: dict[str, str] = Field(default_factory=dict)
    runtime_class_name: str | None = None
    scheduler_name: str | None = None
    service_account_name: str | None = None
    tolerations: list[Manifest] = Field(default_factory=list)
    topology_spread_constraints: list[Manifest] = Field(default_factory=list)
    volumes: list[Manifest] = Field(default_factory=list)

    @field_validator("volumes")
    @classmethod
    def _no_volume_of_the_host(cls, volumes: list[Manifest]) -> list[Manifest]:
        for volume in volumes:
            if "hostPath" in volume:
                raise ValueError(f"{volume.get('name')!r} is a hostPath, which runners may not have")
            if volume.get("name") in OWN_VOLUMES:
                raise ValueError(f"the name {volume['name']!r} is the runner's own: give it another")
        return volumes

    @field_validator("init_containers")
    @classmethod
    def _another_name_than_the_runners(cls, containers: list[Manifest]) -> list[Manifest]:
        if any(container.get("name") == names.RUNNER_CONTAINER for container in containers):
            raise ValueError(f"the name {names.RUNNER_CONTAINER!r} is the runner's own: give it another")
        return containers


class PodTemplate(Section):
    """As in a Deployment. Every field can be left out."""

    metadata: PodMetadata = PodMetadata()
    spec: PodSpec = PodSpec()


def lay_under(template: PodTemplate, pod: Manifest) -> Manifest:
    """Return the template of a runner's pod with what the administrator adds under it.

    Where both say something, the pod's own words count; lists and maps of both are put together.
    """
    added = template.spec.model_dump(by_alias=True, exclude_none=True, exclude_defaults=True)
    if "initContainers" in added:
        added["initContainers"] = [
            {**container, "securityContext": {**container.get("securityContext", {}), **CONTAINER_SECURITY}}
            for container in added["initContainers"]
        ]
    return {
        "metadata": {
            "labels": template.metadata.labels | pod["metadata"]["labels"],
            "annotations": template.metadata.annotations | pod["metadata"]["annotations"],
        },
        "spec": {key: _merged(added.get(key), pod["spec"].get(key)) for key in {**pod["spec"], **added}},
    }


def _merged(added: Any, own: Any) -> Any:
    if own is None:
        return added
    if isinstance(own, list):
        return [*(added or []), *own]
    return {**added, **own} if isinstance(own, dict) and added else own
