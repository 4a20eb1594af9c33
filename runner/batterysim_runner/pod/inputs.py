"""The runner's inputs from its pod: the simulation's name, the spec, and a token for the bridge."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from batterysim.names import RUNNER_INPUT_DIR, RUNNER_SPEC_FILE, RUNNER_TOKEN_FILE
from batterysim.spec.documents.contents import ContentReference, UnreadableContentError


class Caller(Protocol):
    """The identity of a runner towards the bridge."""

    @property
    def namespace(self) -> str:
        """The simulation's namespace."""

    @property
    def name(self) -> str:
        """The simulation's name."""

    @property
    def bridge_url(self) -> str:
        """Where the bridge is."""

    @property
    def bridge_ca(self) -> str | None:
        """Certificates, in PEM, that the bridge's must be signed by; None: the public authorities."""

    def read_token(self) -> str:
        """Return what shows the bridge that this is the simulation's runner."""


@dataclass(frozen=True)
class Inputs:
    """The runner's surroundings, all set by the operator."""

    namespace: str
    name: str
    bridge_url: str
    image: str
    pod_name: str
    input_dir: Path
    termination_log: Path
    bridge_ca: str | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Inputs":
        """Read the environment variables that the operator sets on the Job.

        Raises:
            KeyError: names the variable that is missing.
        """
        return cls(
            namespace=environment["BATTERYSIM_NAMESPACE"],
            name=environment["BATTERYSIM_NAME"],
            bridge_url=environment["BATTERYSIM_BRIDGE_URL"],
            image=environment["BATTERYSIM_IMAGE"],
            pod_name=environment["BATTERYSIM_POD_NAME"],
            input_dir=Path(environment.get("BATTERYSIM_INPUT_DIR", RUNNER_INPUT_DIR)),
            termination_log=Path(environment.get("BATTERYSIM_TERMINATION_LOG", "/dev/termination-log")),
            bridge_ca=environment.get("BATTERYSIM_BRIDGE_CA") or None,
        )

    def read_spec(self) -> str:
        """Return the physics part of the spec as JSON."""
        return (self.input_dir / RUNNER_SPEC_FILE).read_text(encoding="utf-8")

    def read_reference(self, reference: ContentReference) -> str:
        """Return the text that the spec refers to. The kubelet leaves out what there is none of.

        Raises:
            UnreadableContentError: it does not exist or is no text.
        """
        try:
            return (self.input_dir / reference.file).read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise UnreadableContentError(
                f"is not in namespace {self.namespace!r}: create it first, or correct the reference"
            ) from error
        except UnicodeDecodeError as error:
            raise UnreadableContentError("must be text in UTF-8: save it as such") from error

    def read_token(self) -> str:
        """Return the pod's token for the bridge. Read at each use, because the kubelet renews it."""
        return (self.input_dir / RUNNER_TOKEN_FILE).read_text(encoding="utf-8").strip()
