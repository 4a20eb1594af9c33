"""Lists take memory by the page, and not by the cluster: many objects or large ones end nobody at a start."""

import asyncio
import json
import sys
from pathlib import Path

import pytest
from devtools.fake_api_server import FakeApiServer

from batterysim import names
from tests.builders import Json, condition, raw_spec, simulation

PATIENCE_SECONDS = 400
SCRIPT = Path(__file__).with_name("list_memory.py")
LIMITS_MIB = {"operator": 512, "bridge": 1024}
"""Of the containers, as the chart has them."""


def large(number: int) -> bytes:
    """Return a simulation of 0.8 MB, of the kind that grows most when it is decoded."""
    options = b'{"a":[' + b"[]," * 260_000 + b"[]]}"
    head = json.dumps(simulation(name=f"run-{number}", uid=f"uid-{number}")).encode()
    return head[:-1] + b', "spec": {"model": {"options": ' + options + b"}}}"


def ended(number: int) -> Json:
    """Return a simulation that has ended, of 5.6 kB with the notes of five field managers."""
    manager = {"manager": "someone", "operation": "Apply", "fieldsV1": {f"f:{i}": {} for i in range(88)}}
    found = simulation(
        name=f"run-{number}",
        uid=f"uid-{number}",
        managedFields=[manager] * 5,
        spec=raw_spec(),
        status={
            "observedGeneration": 1,
            "phase": "Succeeded",
            "jobName": names.job_name(f"uid-{number}"),
            "conditions": [condition("Accepted", "True"), condition("Succeeded", "True")],
            "summary": {f"value{i}": 1.5 for i in range(20)},
        },
    )
    return {**found, "metadata": {**found["metadata"], "resourceVersion": str(number)}}


async def peak_mib(program: str, api: FakeApiServer, count: int) -> float:
    """Let a program list everything in a process of its own; return the most memory that it had."""
    async with api.serve() as url:
        child = await asyncio.create_subprocess_exec(
            sys.executable, str(SCRIPT), program, url, str(count), stdout=asyncio.subprocess.PIPE
        )
        try:
            out, _ = await asyncio.wait_for(child.communicate(), PATIENCE_SECONDS)
        except TimeoutError:
            child.kill()
            raise
    assert child.returncode == 0
    return int(out) / 1024


@pytest.mark.parametrize("program", LIMITS_MIB)
async def test_a_hundred_objects_of_800_kilobytes(program: str) -> None:
    api = FakeApiServer()
    for number in range(100):
        await api.put_text("lab", f"run-{number}", large(number))

    peak = await peak_mib(program, api, 100)

    print(f"{program}: {peak:.0f} MiB")
    assert peak < LIMITS_MIB[program] / 2


@pytest.mark.parametrize("program", LIMITS_MIB)
async def test_ten_thousand_objects_of_5_6_kilobytes(program: str) -> None:
    api = FakeApiServer()
    for number in range(10_000):
        text = json.dumps(ended(number), separators=(",", ":")).encode()
        await api.put_text("lab", f"run-{number}", text)
    assert 5_400 < len(text) < 5_800
    await api.put(simulation(name="the-last"))

    peak = await peak_mib(program, api, 1)

    print(f"{program}: {peak:.0f} MiB")
    assert peak < LIMITS_MIB[program] / 2
