"""The collector of cyclic garbage, which looks at everything that a process has, all at once."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collection_put_off() -> Iterator[None]:
    """Do without the collector for the time of a block that imports modules, and leave out what they make.

    Else it looks at all of that several times while it grows, for 0.15 s in all, and finds nothing worth it.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def leave_out_what_is_loaded() -> None:
    """Have the collector leave out what is there by now: modules, routes, schemas. Call it at the start.

    A full collection among a hundred thousand such objects holds up a server's event loop for 50 to 100 ms,
    and finds nothing among them.
    """
    gc.collect()
    gc.freeze()
