"""The stores that the settings ask for."""

from typing import NamedTuple

from batterysim_bridge.checkpoint_store import CheckpointStore, DirectoryCheckpointStore
from batterysim_bridge.directory_store import DirectoryStore
from batterysim_bridge.store import ResultStore
from batterysim_bridge.store_settings import StoreSettings


class Stores(NamedTuple):
    """Where everything is kept."""

    results: ResultStore
    checkpoints: CheckpointStore


def open_stores(settings: StoreSettings) -> Stores:
    """Open the stores, and see to it that they can be written to. Blocks.

    Raises:
        OSError: says why they cannot be used.
    """
    if settings.bucket is None:
        return Stores(DirectoryStore(settings.directory), DirectoryCheckpointStore(settings.directory))
    # Here, so that a bridge without a bucket neither needs obstore nor waits for its import.
    from batterysim_bridge.bucket import Bucket  # noqa: PLC0415
    from batterysim_bridge.object_checkpoint_store import ObjectCheckpointStore  # noqa: PLC0415
    from batterysim_bridge.object_store import ObjectStore  # noqa: PLC0415

    bucket = Bucket.connect(settings.bucket)
    bucket.check_writing()
    return Stores(ObjectStore(bucket, settings.directory), ObjectCheckpointStore(bucket, settings.directory))
