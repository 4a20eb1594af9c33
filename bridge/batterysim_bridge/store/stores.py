"""The stores that the settings ask for."""

from typing import NamedTuple

from batterysim_bridge.store.checkpoints import CheckpointStore, DirectoryCheckpointStore
from batterysim_bridge.store.directory import DirectoryStore
from batterysim_bridge.store.settings import StoreSettings
from batterysim_bridge.store.store import ResultStore
from batterysim_bridge.store.tables.tables import DirectorySweepStore, SweepStore


class Stores(NamedTuple):
    """Where everything is kept."""

    results: ResultStore
    checkpoints: CheckpointStore
    sweeps: SweepStore


def open_stores(settings: StoreSettings) -> Stores:
    """Open the stores. Blocks.

    A bucket need not exist yet: requests that need it report that it is unavailable.

    Raises:
        OSError: the directory cannot be used, or the settings of the bucket make no sense.
    """
    if settings.s3 is None:
        directory = settings.directory
        return Stores(
            DirectoryStore(directory), DirectoryCheckpointStore(directory), DirectorySweepStore(directory)
        )
    # Here, so that a bridge without a bucket neither needs obstore nor waits for its import.
    from batterysim_bridge.store.bucket import Bucket  # noqa: PLC0415
    from batterysim_bridge.store.bucket_checkpoints import ObjectCheckpointStore  # noqa: PLC0415
    from batterysim_bridge.store.bucket_results import ObjectStore  # noqa: PLC0415
    from batterysim_bridge.store.tables.bucket import ObjectSweepStore  # noqa: PLC0415

    bucket = Bucket.connect(settings.s3)
    where = (bucket, settings.directory)
    return Stores(ObjectStore(*where), ObjectCheckpointStore(*where), ObjectSweepStore(*where))
