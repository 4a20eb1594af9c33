"""An inventory of a volume, one folder after the other: a folder that cannot be read hides nothing else."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from batterysim_bridge.store.incoming import subdirectories
from batterysim_bridge.store.store import ResultKey, StoredEntry

logger = logging.getLogger(__name__)


def inventory(root: Path, read: Callable[[ResultKey], StoredEntry]) -> Iterator[StoredEntry]:
    """Yield what `<root>/<namespace>/<uid>` have.

    read: looks into one of them; FileNotFoundError: it has vanished, or is not ours.
    """
    for namespace in subdirectories(root):
        try:
            found = subdirectories(namespace)
        except OSError as error:
            logger.warning("left out of the inventory: %s", error)
            continue
        for directory in found:
            try:
                entry = read(ResultKey(namespace.name, directory.name))
            except (ValueError, FileNotFoundError):  # what has no such name is not ours
                continue
            except OSError as error:
                logger.warning("left out of the inventory: %s", error)
                continue
            yield entry
