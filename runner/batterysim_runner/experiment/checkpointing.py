"""When a checkpoint is made, and whether one is there to go on from."""

import math
from collections.abc import Callable
from typing import Protocol

from batterysim_runner.errors import CheckpointRefusedError
from batterysim_runner.experiment.checkpoint import (
    Checkpoint,
    UnusableCheckpointError,
    decode,
    encode,
)
from batterysim_runner.report.provenance import Origin
from batterysim_runner.run_clock import Clock

MIN_PAUSE_SECONDS = 10.0
"""A run that is shorter than this is done again sooner than it is saved."""

MAX_SHARE = 0.05
"""Checkpoints may take this part of a run's time, however large they are and however slow the bridge."""


class CheckpointStore(Protocol):
    """Keeps the newest checkpoint of one simulation for its next pod. OSError: it is out of reach."""

    def load_checkpoint(self) -> bytes | None:
        """Return the checkpoint; None if there is none.

        Raises:
            UploadFailedError: it could not be found out, also after some patience.
        """

    def save_checkpoint(self, content: bytes, cycle: int) -> None:
        """Keep a checkpoint in the place of the one before, unless that is of a later cycle.

        Raises:
            CheckpointRefusedError: it is not taken.
        """

    def discard_checkpoint(self) -> None:
        """Forget the checkpoint that is kept: the next one may be of an earlier cycle."""


class Checkpointer:
    """Saves a run from time to time. A checkpoint that fails costs the run nothing but time.

    log: is told in words what happens.
    """

    def __init__(
        self, store: CheckpointStore, origin: Origin, log: Callable[[str], None], clock: Clock
    ) -> None:
        self._store = store
        self._origin = origin
        self._log = log
        self._clock = clock
        self._due = clock() + MIN_PAUSE_SECONDS
        self._discards = False

    def restore(self) -> Checkpoint | None:
        """Return where an earlier process has come to; None: it begins at the beginning.

        Raises:
            UploadFailedError: it is not known whether there is one. A new beginning would overwrite it.
        """
        content = self._store.load_checkpoint()
        if content is None:
            return None
        try:
            checkpoint = decode(content, self._origin)
        except UnusableCheckpointError as error:
            self._log(f"starts from the beginning, because the checkpoint cannot be used: {error}")
            # It goes when there is another to take its place.
            self._discards = True
            return None
        self._log(f"continues from cycle {checkpoint.cycle + 1}, after a checkpoint")
        return checkpoint

    def offer(self, make: Callable[[], Checkpoint]) -> None:
        """Save a checkpoint, if it is time for one.

        Raises:
            RunEndedError: the run has ended without this process.
        """
        began = self._clock()
        if began < self._due:
            return
        try:
            checkpoint = make()
            content = encode(checkpoint, self._origin)
            if self._discards:
                self._store.discard_checkpoint()
                self._discards = False
            self._store.save_checkpoint(content, checkpoint.cycle)
        except CheckpointRefusedError as error:
            self._log(f"saves no more checkpoints: {error}")
            self._due = math.inf
            return
        except OSError as error:
            self._log(f"a checkpoint could not be saved: {error}")
        ended = self._clock()
        self._due = ended + max(MIN_PAUSE_SECONDS, (ended - began) * (1 / MAX_SHARE - 1))
