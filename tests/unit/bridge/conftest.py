import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from batterysim_bridge.app import create_app
from batterysim_bridge.bridge import Bridge
from batterysim_bridge.job_manager.settings import JobManagerSettings
from batterysim_bridge.metrics import Metrics
from batterysim_bridge.settings import Settings
from batterysim_bridge.store.bucket import Bucket
from batterysim_bridge.store.checkpoints import DirectoryCheckpointStore
from batterysim_bridge.store.directory import DirectoryStore
from batterysim_bridge.store.settings import BucketSettings, StoreSettings
from batterysim_bridge.store.tables.tables import DirectorySweepStore
from tests.builders import WorkHere

from .builders import NAME, NAMESPACE, NOON, WRITER_TOKEN, files_under, parquet, put, with_settings
from .fake_cluster import FakeCluster
from .fake_sweeps import FakeSweeps, show_sweeps
from .s3_server import BUCKET, KEYS, running_s3_server
from .store_places import BucketPlace, DirectoryPlace, Place

MAX_RESULT_BYTES = 100_000
MAX_CHECKPOINT_BYTES = 50_000


@pytest.fixture(scope="session")
def s3_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_s3_server(tmp_path_factory.mktemp("s3")) as address:
        yield address


@pytest.fixture
def bucket_settings(s3_address: str, monkeypatch: pytest.MonkeyPatch) -> BucketSettings:
    """A corner of the bucket for each test."""
    for variable, value in KEYS.items():
        monkeypatch.setenv(variable, value)
    return BucketSettings(
        bucket=BUCKET, prefix=f"tests/{uuid.uuid4()}", endpoint=f"http://{s3_address}", allow_http=True
    )


@pytest.fixture
def bucket(bucket_settings: BucketSettings) -> Bucket:
    return Bucket.connect(bucket_settings)


@pytest.fixture(params=["directory", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Each kind of place in turn."""
    if request.param == "directory":
        return DirectoryPlace(tmp_path / "store")
    return BucketPlace(request.getfixturevalue("bucket"), tmp_path)


@pytest.fixture
def cluster() -> FakeCluster:
    return FakeCluster()


@pytest.fixture
def store(tmp_path: Path) -> DirectoryStore:
    return DirectoryStore(tmp_path / "store")


@pytest.fixture
def checkpoints(tmp_path: Path) -> DirectoryCheckpointStore:
    return DirectoryCheckpointStore(tmp_path / "store")


@pytest.fixture
def sweeps() -> FakeSweeps:
    return FakeSweeps()


@pytest.fixture
def sweep_store(tmp_path: Path) -> DirectorySweepStore:
    return DirectorySweepStore(tmp_path / "store")


@pytest.fixture
def bridge(
    cluster: FakeCluster,
    store: DirectoryStore,
    checkpoints: DirectoryCheckpointStore,
    sweeps: FakeSweeps,
    sweep_store: DirectorySweepStore,
    tmp_path: Path,
) -> Bridge:
    settings = Settings(
        bridge_url="http://bridge:8084",
        result_store=StoreSettings(
            directory=tmp_path / "store",
            max_result_bytes=MAX_RESULT_BYTES,
            max_checkpoint_bytes=MAX_CHECKPOINT_BYTES,
        ),
    )
    return Bridge(
        settings, cluster, store, checkpoints, Metrics(), WorkHere(), lambda: NOON, sweeps, sweep_store
    )


@pytest.fixture
async def client(bridge: Bridge) -> AsyncIterator[httpx.AsyncClient]:
    bridge.simulations.replace(None, await bridge.cluster.listing(None))
    await show_sweeps(bridge)
    transport = httpx.ASGITransport(create_app(bridge))
    async with httpx.AsyncClient(transport=transport, base_url="http://bridge:8084") as client:
        yield client


@pytest.fixture
async def untouched(bridge: Bridge, cluster: FakeCluster, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A writer's client to a bridge with a result, with the Job Manager served; nothing may change."""
    bridge = with_settings(bridge, job_manager=JobManagerSettings(namespace=NAMESPACE, budget_seconds=0.001))
    await asyncio.to_thread(put, bridge.store, parquet())
    bridge.simulations.replace(None, await cluster.listing(None))
    before = await asyncio.to_thread(files_under, tmp_path)
    # It raises what would be a 500.
    transport = httpx.ASGITransport(create_app(bridge))
    headers = {"Authorization": f"Bearer {WRITER_TOKEN}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://bridge:8084", headers=headers
    ) as client:
        yield client
    assert await asyncio.to_thread(files_under, tmp_path) == before
    assert (list(cluster.objects), cluster.manifests, cluster.status) == ([NAME], {}, {})
