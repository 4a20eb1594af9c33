"""A cluster in memory, for the commands that call one; tests/e2e has them on a real one."""

import warnings
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Self

import anyio
import pyarrow as pa
import pytest

from batterysim_cli.commands import cluster_command
from batterysim_client import Change, ChangeKind, ConflictError, NotFoundError, ServerWarning, Simulation
from tests.unit.client.builders import simulation


class FakeResult:
    """A result that says how it was asked for; as a table, a discharge of two points."""

    async def pieces(self, wanted: str) -> AsyncIterator[bytes]:
        yield f"as {wanted}\n".encode()

    async def save(self, path: Path, wanted: str | None) -> None:
        await anyio.Path(path).write_text(f"as {wanted}\n", encoding="utf-8")

    async def to_arrow(self) -> pa.Table:
        return pa.table({"Time [s]": [0.0, 60.0], "Voltage [V]": [4.1, 4.0], "Current [A]": [5.0, 5.0]})


class FakeClient:
    """Has simulations, and changes that happen when it is watched."""

    def __init__(self, *simulations: Simulation, changes: tuple[Change, ...] = ()) -> None:
        self.simulations = {item.name: item for item in simulations}
        self.changes = changes
        self.watched: list[dict[str, Any]] = []
        self.asked: dict[str, Any] = {}
        self.options: dict[str, Any] = {}
        self.pause_seconds = 0.0
        self.warning: str | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def where(self, namespace: str = "lab") -> str:
        return f"context kind, namespace {namespace}"

    async def get(self, name: str, *, namespace: str | None = None) -> Simulation:
        if name not in self.simulations:
            raise NotFoundError(f"no simulation {name!r}")
        return self.simulations[name]

    async def list(self, **asked: Any) -> AsyncIterator[Simulation]:
        self.asked = asked
        for item in self.simulations.values():
            yield item

    async def submit(self, manifest: Any, *, labels: Any) -> Simulation:
        if self.warning is not None:
            warnings.warn(self.warning, ServerWarning, stacklevel=1)
        metadata = manifest["metadata"]
        name = metadata.get("name") or f"{metadata['generateName']}x7k2p"
        self.simulations[name] = simulation(name, uid=name)
        self.asked = {"manifest": manifest, "labels": labels}
        return self.simulations[name]

    async def watch(
        self, name: str | None = None, *, seen: Sequence[Simulation], **options: Any
    ) -> AsyncGenerator[Change]:
        assert all(self.simulations[item.name] == item for item in seen)
        self.watched.append({"name": name, **options})
        await anyio.sleep(self.pause_seconds)
        for change in self.changes:
            if name is None or change.simulation.name == name:
                self.simulations[change.simulation.name] = change.simulation
                yield change

    async def cancel(self, name: str) -> None:
        if (await self.get(name)).has_ended:
            raise ConflictError(f"{name!r} has ended")
        await self.delete(name)

    async def delete(self, name: str) -> None:
        await self.get(name)
        del self.simulations[name]

    def result(self, name: str, **asked: Any) -> FakeResult:
        self.asked = {"name": name, **asked}
        return FakeResult()


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    """Return the cluster that commands call."""
    fake = FakeClient()

    def connect(*server: str | None, **options: Any) -> FakeClient:
        fake.options = {"server": server[0], **options}
        return fake

    monkeypatch.setattr(cluster_command, "AsyncClient", connect)
    return fake


def running(name: str, percent: int = 40) -> Simulation:
    return simulation(name, uid=name, phase="Running", progress={"percent": percent, "stage": "Solving"})


def succeeded(name: str) -> Simulation:
    summary = {"endReason": "LowerCutOff", "endTimeSeconds": 3555.5, "dischargeCapacityAmpereHours": 4.93819}
    progress = {"percent": 100, "stage": "Done"}
    return simulation(
        name, uid=name, phase="Succeeded", protocol="discharge 5 A", summary=summary, progress=progress
    )


def ended(item: Simulation) -> Change:
    return Change(ChangeKind.END, item)
