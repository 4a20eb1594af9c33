"""The corners of a design: the points at the ends of its variations, by which it is checked."""

from collections.abc import Iterator
from itertools import islice, product

from batterysim.sweep.points import Listed
from batterysim.sweep.spec import BatterySweepSpec
from batterysim.sweep.values import Value, ends, own_value

MAX_CORNERS = 64
"""A few milliseconds; with more than six variations, only some of the corners are checked."""


def corners(spec: BatterySweepSpec) -> Iterator[tuple[Value, ...]]:
    """Yield combinations of the variations' ends, all of them if there are at most MAX_CORNERS.

    Of a zip, whose values belong together, the first points and the last one. Of a table, which another
    program may have written, only the first point: each of the others may fail by itself.
    """
    if spec.design.table is not None:
        yield Listed(spec).values(0)
        return
    if spec.design.zip is not None:
        listed = Listed(spec)
        first = range(min(listed.count, MAX_CORNERS - 1))
        yield from (listed.values(number) for number in sorted({*first, listed.count - 1}))
        return
    sides = [ends(variation, own_value(variation, spec.simulation)) for variation in spec.vary]
    if 2 ** len(sides) <= MAX_CORNERS:
        yield from product(*sides)
        return
    low, high = tuple(side[0] for side in sides), tuple(side[-1] for side in sides)
    yield from (low, high)
    yield from islice(_neighbours(low, high), MAX_CORNERS * 2)


def _neighbours(low: tuple[Value, ...], high: tuple[Value, ...]) -> Iterator[tuple[Value, ...]]:
    """Yield the corners that differ from one of two opposite ones in a single value."""
    for place in range(len(low)):
        yield (*low[:place], high[place], *low[place + 1 :])
        yield (*high[:place], low[place], *high[place + 1 :])
