from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from batterysim_bridge.app import create_app
from batterysim_bridge.bridge import Bridge
from batterysim_bridge.directory_store import DirectoryStore
from batterysim_bridge.metrics import Metrics
from batterysim_bridge.settings import Settings

from .builders import NOON
from .fake_cluster import FakeCluster

MAX_RESULT_BYTES = 100_000


@pytest.fixture
def cluster() -> FakeCluster:
    return FakeCluster()


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path / "store")


@pytest.fixture
def bridge(cluster: FakeCluster, store: DirectoryStore, tmp_path: Path) -> Bridge:
    settings = Settings("http://bridge:8084", tmp_path / "store", max_result_bytes=MAX_RESULT_BYTES)
    return Bridge(settings, cluster, store, Metrics(), lambda: NOON)


@pytest.fixture
async def client(bridge: Bridge) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(bridge))
    async with httpx.AsyncClient(transport=transport, base_url="http://bridge:8084") as client:
        yield client
