"""Which simulations of a list are wanted. A new filter is a field here, in `Filters` and `Filter`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self, TypedDict

from batterysim.spec.protocols.protocol import PROTOCOL_KINDS
from batterysim.status import Phase
from batterysim_client.simulation import Simulation
from batterysim_client.words import require_known, words_of


class Filters(TypedDict, total=False):
    """Filters as a caller names them. Each one that is left out wants all."""

    phases: Iterable[Phase | str]
    protocols: Iterable[str]
    labels: str
    text: str


@dataclass(frozen=True)
class Filter:
    """All filters together. An empty one wants all.

    protocols: such as "constantCurrent" or "driveCycle".
    labels: a selector as of `kubectl get -l`.
    text: a part of the name.
    """

    phases: frozenset[Phase] = field(default_factory=frozenset)
    protocols: frozenset[str] = field(default_factory=frozenset)
    labels: str = ""
    text: str = ""

    @classmethod
    def of(
        cls,
        *,
        phases: Iterable[Phase | str] = (),
        protocols: Iterable[str] = (),
        labels: str = "",
        text: str = "",
    ) -> Self:
        """Return the filters that a caller names. A phase or protocol may be one, in no list.

        Raises:
            TypeError: there is no such filter.
            RefusedError: there is no such phase or protocol.
        """
        named_phases, named_protocols = words_of(phases), words_of(protocols)
        require_known("phases", named_phases, list(Phase))
        require_known("protocols", named_protocols, PROTOCOL_KINDS)
        return cls(frozenset(map(Phase, named_phases)), frozenset(named_protocols), labels, text)

    def query(self) -> Sequence[tuple[str, str]]:
        """Return the query parameters of the REST API."""
        return [
            *(("phase", phase.value) for phase in sorted(self.phases)),
            *(("protocol", protocol) for protocol in sorted(self.protocols)),
            *([("label", self.labels)] if self.labels else []),
            *([("q", self.text)] if self.text else []),
        ]

    def wants(self, simulation: Simulation) -> bool:
        """Tell whether a simulation is wanted, apart from its labels, which the API server compares."""
        protocol = simulation.manifest["spec"].get("protocol") or {}
        return (
            (not self.phases or simulation.phase in self.phases)
            and (not self.protocols or not self.protocols.isdisjoint(protocol))
            and self.text in simulation.name
        )
