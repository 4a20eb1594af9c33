"""The kinds of changes to a simulation: the words of the event stream, which the bridge sends and clients
read."""

from enum import StrEnum


class ChangeKind(StrEnum):
    """A kind of change to a simulation."""

    PHASE = "phase"
    PROGRESS = "progress"
    END = "end"
    DELETED = "deleted"
