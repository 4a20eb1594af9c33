"""What a sweep must keep to when it is to run in a cluster."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from batterysim.failure import FailureReason
from batterysim.problem import InvalidSpecError, Problem
from batterysim.spec.documents.contents import MAX_SPEC_BYTES, Reader
from batterysim.spec.documents.largest_part import largest_part
from batterysim.sweep.checks import parse_sweep
from batterysim.sweep.cluster.shards import shard_problems
from batterysim.sweep.points import count_points
from batterysim.sweep.spec import BatterySweepSpec

MAX_KEPT_SERIES = 10_000
"""Each is a file in the result store."""


def check_for_cluster(raw: Mapping[str, Any], read: Reader | None = None) -> BatterySweepSpec:
    """Read the spec of a sweep as written by a user.

    read: see parse_sweep. What it reads does not count as a part of the spec, which refers to it.

    Raises:
        InvalidSpecError: it cannot be run in a cluster.
    """
    written = parse_sweep(raw)
    spec = written if read is None else parse_sweep(raw, read)
    if problems := [*_size_problems(raw, written), *_problems(spec)]:
        raise InvalidSpecError(problems)
    return spec


def _size_problems(raw: Mapping[str, Any], written: BatterySweepSpec) -> Iterator[Problem]:
    size = len(json.dumps(written.to_json_dict(), separators=(",", ":")))
    if size > MAX_SPEC_BYTES:
        field, _ = largest_part(raw)
        message = (
            f"the spec has {size} characters of JSON, more than {MAX_SPEC_BYTES}: put a table or measured "
            "data into a ConfigMap and name that in configMapKeyRef"
        )
        yield Problem(FailureReason.INVALID_SPEC, field, message)


def _problems(spec: BatterySweepSpec) -> Iterator[Problem]:
    if spec.series.keep == "All" and (points := count_points(spec)) > MAX_KEPT_SERIES:
        message = (
            f"is 'All' with {points} points, and the results of {MAX_KEPT_SERIES} at most are kept: use "
            "Best, or run points of interest as BatterySimulations"
        )
        yield Problem(FailureReason.INVALID_SPEC, "spec.series.keep", message)
    yield from shard_problems(spec)
