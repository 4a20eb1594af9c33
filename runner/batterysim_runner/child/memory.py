"""How much memory a run may take, and keeping it to that."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from batterysim_runner.errors import causes

CGROUP_FILES = (
    Path("/sys/fs/cgroup/memory.max"),  # cgroup v2
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),  # cgroup v1
)
NO_LIMIT_BYTES = 1 << 60
"""cgroup v1 says "no limit" with a number near 2**63."""

RESERVE_BYTES = 48 << 20
"""Left for the process that watches, for the result file, and for what the kernel counts in addition."""

LIBRARY_BYTES = 256 << 20
"""Of a library that is loaded later the address space is this large, and the memory a fraction of it."""

BAD_ALLOC = "bad_alloc"


def container_limit_bytes(files: tuple[Path, ...] = CGROUP_FILES) -> int | None:
    """Return the memory limit of the container that this process is in; None if there is none."""
    for file in files:
        try:
            text = file.read_text(encoding="ascii").strip()
        except OSError:
            continue
        return int(text) if text.isdecimal() and int(text) < NO_LIMIT_BYTES else None
    return None


def status_bytes(field: str, process: int | str = "self") -> int:
    """Return a size of a process from /proc, such as VmRSS (in memory) or VmSize (address space)."""
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace").splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return int(value.split()[0]) << 10
    raise ValueError(f"/proc/{process}/status has no {field}")


def child_limit_bytes() -> int | None:
    """Return what a pod's children may have in memory: what the container may have, but for this process.

    None: there is no limit.
    """
    limit = container_limit_bytes()
    return None if limit is None else max(limit - status_bytes("VmRSS") - RESERVE_BYTES, RESERVE_BYTES)


@contextmanager
def limited(memory_bytes: int | None) -> Iterator[None]:
    """Within the block, let this process have so much in memory, by a limit of its address space.

    Larger requests fail with a MemoryError, or with what a library makes of it; nobody is killed.
    """
    if memory_bytes is None:
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_AS)
    growth = max(memory_bytes - status_bytes("VmRSS"), 0) + LIBRARY_BYTES
    limit = status_bytes("VmSize") + growth
    if before[1] != resource.RLIM_INFINITY:
        limit = min(limit, before[1])
    resource.setrlimit(resource.RLIMIT_AS, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def is_lack_of_memory(error: BaseException) -> bool:
    """Tell whether an error, or one that led to it, says that there was no memory left."""
    return any(isinstance(one, MemoryError) or BAD_ALLOC in str(one) for one in causes(error))


def mebibytes(size_bytes: int) -> str:
    """Return a size as Kubernetes writes it.

    >>> mebibytes(2 << 30)
    '2048Mi'
    """
    return f"{size_bytes >> 20}Mi"
