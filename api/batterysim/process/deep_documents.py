"""Documents as deep as the API server takes them."""

import sys

DEEPEST = 10_000
"""Levels that the API server reads (`maxNestingDepth` of sigs.k8s.io/json). It stores whatever it reads."""


def allow_deep_documents() -> None:
    """Let this process read and write any document that the API server has, on its main thread.

    Python gives up at about 1000 levels, so that one object of 7 KB would end every list and watch. The
    images have Python 3.11, where this limit is the only one. From 3.12 on CPython limits the recursion of
    its C code as well, which nothing can raise: `json` reads 1497 levels on 3.12.1, and 9998 on 3.13.0.
    """
    sys.setrecursionlimit(DEEPEST + 2000)
