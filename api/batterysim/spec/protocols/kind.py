"""What every protocol says about itself, whatever it does to the cell."""

from typing import ClassVar

from batterysim.contract import Contract


class ProtocolKind(Contract):
    """One way of treating a cell: the type of one field of `spec.protocol`."""

    title: ClassVar[str]
    """Its name for a person, as in a menu."""
    is_for_packs: ClassVar[bool] = True
    """Whether it can be done to a pack."""
    ends_by_itself: ClassVar[bool] = False
    """Whether its duration is an outcome, so that no number of points can divide it."""

    @property
    def is_rest(self) -> bool:
        """Whether no current flows."""
        return False
