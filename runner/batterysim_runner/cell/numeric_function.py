"""CasADi functions of numbers, evaluated without the matrices that CasADi makes of every argument."""

from collections.abc import Callable, Sequence
from typing import Any, cast

import casadi
import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


class NumericFunction:
    """A CasADi function of dense vectors with vectors as its results.

    The same numbers as the function's own call, in a tenth of the time. It is for one thread, and a process
    that has it may fork.
    """

    def __init__(self, function: casadi.Function) -> None:
        self.function = function
        self._given = [np.zeros(function.nnz_in(place)) for place in range(function.n_in())]
        self._found = [np.zeros(function.nnz_out(place)) for place in range(function.n_out())]
        sparsities = [function.sparsity_out(place) for place in range(function.n_out())]
        # A result's zeros that are known beforehand are not computed.
        self._rows: Sequence[NDArray[np.int64] | None] = [
            None if sparsity.is_dense() else np.array(sparsity.row(), dtype=np.int64)
            for sparsity in sparsities
        ]
        self._sizes = [sparsity.numel() for sparsity in sparsities]
        buffer, self._evaluate = cast(tuple[Any, Callable[[], None]], function.buffer())
        for place, array in enumerate(self._given):
            buffer.set_arg(place, array.data)
        for place, array in enumerate(self._found):
            buffer.set_res(place, array.data)
        self._buffer = buffer  # what is evaluated is in it

    def __call__(self, *arguments: float | Numbers) -> list[Numbers]:
        """Return the results, each of shape (numbers,)."""
        for array, argument in zip(self._given, arguments, strict=True):
            array[:] = argument
        self._evaluate()
        return [
            self._result(found, rows, size)
            for found, rows, size in zip(self._found, self._rows, self._sizes, strict=True)
        ]

    @staticmethod
    def _result(found: Numbers, rows: NDArray[np.int64] | None, size: int) -> Numbers:
        if rows is None:
            return found.copy()
        result = np.zeros(size)
        result[rows] = found
        return result
