"""Taking in what a runner sends: receive, check, store, report."""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from batterysim.names import FieldManager
from batterysim.process.logs import about
from batterysim.status import Phase, Progress, StoredResult
from batterysim_bridge.cluster.cluster import Cluster, StatusConflictError, SupersededError
from batterysim_bridge.cluster.object_state import ObjectState
from batterysim_bridge.http.problem import (
    CONTENT_DAMAGED,
    ENDED,
    LATER_CHECKPOINT,
    NOT_A_RESULT,
    REPLACED,
    STALLED,
    ProblemError,
)
from batterysim_bridge.intake.status_patch import result_status, stored_result
from batterysim_bridge.intake.upload_headers import UploadHeaders
from batterysim_bridge.results.file import NotAResultError, describe
from batterysim_bridge.store.checkpoints import CheckpointStore
from batterysim_bridge.store.newest import EarlierCheckpointError
from batterysim_bridge.store.shares import Shares
from batterysim_bridge.store.store import ResultKey, ResultRecord, ResultStore
from batterysim_bridge.store.threads import call_store, finish_store

# A runner sends without pause; one that does not for so long is gone.
STALL_SECONDS = 60
# Large enough that handing a block to a thread costs little beside hashing and writing it.
BLOCK_BYTES = 1 << 20

logger = logging.getLogger(__name__)


def has_failed(simulation: ObjectState) -> bool:
    """Tell whether a simulation has come to an end that no result changes any more.

    One that failed with a part of its result takes that part again: its runner may not have heard the answer.
    """
    return simulation.phase == Phase.FAILED and not simulation.has_result


class Intake:
    """Takes results, progress and checkpoints from runners that have been identified."""

    def __init__(
        self,
        cluster: Cluster,
        store: ResultStore,
        checkpoints: CheckpointStore,
        shares: Shares,
        bridge_url: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._cluster = cluster
        self._store = store
        self._checkpoints = checkpoints
        self._shares = shares
        self._bridge_url = bridge_url
        self._clock = clock

    async def take_result(
        self, simulation: ObjectState, headers: UploadHeaders, content: AsyncIterator[bytes]
    ) -> StoredResult:
        """Store a result and report it in the status. Once stored, later content is not even read.

        Raises:
            ProblemError: the content is rejected, or the object is gone.
            OSError: the store is full or unavailable.
            ClusterError: stored, but not reported. Sending it again reports it.
        """
        if has_failed(simulation):
            # Whoever waited has been told; an end that changes afterwards would be worse than a lost result.
            raise ProblemError(ENDED, f"{simulation.name!r} failed before its result arrived")
        key = ResultKey(simulation.namespace, simulation.uid)
        record = await call_store(self._store.find, key)
        if record is None:
            await self._shares.require_room(simulation.namespace, headers.size_bytes)
            record = await self._receive(simulation, headers, content)
        await self._report(simulation, record)
        await call_store(self._checkpoints.remove, key)
        logger.info(
            "result of %d bytes is stored and reported",
            record.size_bytes,
            extra=about(*simulation.identity),
        )
        return stored_result(record, self._bridge_url)

    async def take_progress(self, simulation: ObjectState, progress: Progress) -> None:
        """Show a run's progress in the status, unless its result is already there.

        Raises:
            ClusterError: it could not be written.
        """
        try:
            # Without force: once the result's report owns these fields, late progress loses.
            await self._cluster.apply_status(
                simulation, {"progress": progress.to_json_dict()}, FieldManager.PROGRESS, force=False
            )
        except StatusConflictError as conflict:
            logger.debug(
                "progress came too late: %s",
                conflict,
                extra=about(*simulation.identity),
            )

    async def take_checkpoint(
        self,
        simulation: ObjectState,
        headers: UploadHeaders,
        content: AsyncIterator[bytes],
        cycle: int | None,
    ) -> None:
        """Keep a run's checkpoint in the place of the one before.

        cycle: after which it was made; None: it is not known.

        Raises:
            ProblemError: the content is not what was announced, the run has ended, or a later one is kept.
            OSError: the store is full or unavailable.
        """
        if simulation.has_result or simulation.phase == Phase.FAILED:
            raise ProblemError(ENDED, f"{simulation.name!r} has ended: it needs no checkpoint")
        key = ResultKey(simulation.namespace, simulation.uid)
        await self._shares.require_room(simulation.namespace, headers.size_bytes)
        with self._checkpoints.incoming() as file:
            await write_upload(file, headers, content)
            try:
                await finish_store(self._checkpoints.commit, file, key, cycle)
            except EarlierCheckpointError as error:
                raise ProblemError(LATER_CHECKPOINT, str(error)) from error

    async def _receive(
        self, simulation: ObjectState, headers: UploadHeaders, content: AsyncIterator[bytes]
    ) -> ResultRecord:
        received_time = self._clock()
        try:
            with self._store.incoming() as file:
                await write_upload(file, headers, content)
                return await finish_store(self._commit, file, simulation, headers, received_time)
        except NotAResultError as error:
            raise ProblemError(NOT_A_RESULT, str(error)) from error

    def _commit(
        self, file: Path, simulation: ObjectState, headers: UploadHeaders, received_time: datetime
    ) -> ResultRecord:
        description = describe(file)
        record = ResultRecord(
            namespace=simulation.namespace,
            name=simulation.name,
            uid=simulation.uid,
            sha256=headers.sha256,
            size_bytes=headers.size_bytes,
            rows=description.rows,
            metadata=description.metadata,
            received_time=received_time,
            stored_time=self._clock(),
        )
        return self._store.commit(file, record)

    async def _report(self, simulation: ObjectState, record: ResultRecord) -> None:
        status = result_status(record, self._bridge_url)
        try:
            await self._cluster.apply_status(
                simulation, status, FieldManager.BRIDGE, force=True, unless=has_failed
            )
        except SupersededError as superseded:
            # It failed while the result was on its way, and those who waited know it.
            await call_store(self._store.remove, record.key)
            raise ProblemError(ENDED, f"{simulation.name!r} failed before its result arrived") from superseded
        except StatusConflictError as conflict:
            await call_store(self._store.remove, record.key)
            raise ProblemError(
                REPLACED, f"{simulation.name!r} with UID {simulation.uid} was deleted meanwhile"
            ) from conflict


async def write_upload(file: Path, headers: UploadHeaders, content: AsyncIterator[bytes]) -> None:
    """Write content to a file in constant memory, and compare it with what was announced."""
    digest = hashlib.sha256()
    size = 0
    with file.open("xb") as target:
        async for block in _blocks(content):
            size += len(block)
            if size > headers.size_bytes:
                break
            await call_store(_write_block, target, digest.update, block)
    if size != headers.size_bytes:
        raise ProblemError(
            CONTENT_DAMAGED, f"{size} bytes arrived instead of {headers.size_bytes}; send it again"
        )
    if digest.hexdigest() != headers.sha256:
        raise ProblemError(
            CONTENT_DAMAGED,
            f"the content's SHA-256 is {digest.hexdigest()}, not {headers.sha256}; send it again",
        )


def _write_block(target: BinaryIO, update: Callable[[bytes], None], block: bytes) -> None:
    target.write(block)
    update(block)


async def _blocks(content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Gather the network's chunks into blocks of about BLOCK_BYTES.

    Raises:
        ProblemError: nothing came for STALL_SECONDS.
    """
    block = bytearray()
    while True:
        try:
            chunk = await asyncio.wait_for(anext(content), STALL_SECONDS)
        except StopAsyncIteration:
            break
        except TimeoutError as error:
            raise ProblemError(STALLED, f"nothing arrived for {STALL_SECONDS} s; send it again") from error
        block += chunk
        if len(block) >= BLOCK_BYTES:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)
