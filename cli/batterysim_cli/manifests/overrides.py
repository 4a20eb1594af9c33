"""Changes to a manifest from the command line: `--set spec.cell.initialStateOfCharge=0.5`."""

import copy
from collections.abc import Sequence
from typing import Any, NamedTuple

import yaml

from batterysim.checks.strict_yaml import StrictLoader, StrictYamlError
from batterysim.failure import FailureReason
from batterysim.problem import InvalidSpecError, Problem
from batterysim.sweep.field_path import split_path

ROOT = "spec"
EXAMPLE = "spec.cell.initialStateOfCharge=0.5"


class Override(NamedTuple):
    """A value, and the way to where it belongs."""

    path: tuple[str, ...]
    value: Any


def parse_override(text: str) -> Override:
    """Read PATH=VALUE; the value is YAML, so 0.5 is a number and null removes a field.

    >>> parse_override("spec.cell.parameters['Maximum concentration in positive electrode [mol.m-3]']=6e+4")
    ... # doctest: +ELLIPSIS
    Override(path=('spec', 'cell', 'parameters', 'Maximum concentration in ...'), value=...)

    Raises:
        InvalidSpecError: it has no "=", its path is not one, or its value is not YAML.
    """
    path, equals, value = text.partition("=")
    if not equals:
        raise _error(text, f"needs a path and a value, as in {EXAMPLE}")
    parts = split_path(path.strip())
    if parts[:1] != (ROOT,):
        raise _error(path, f"must be a dotted path that begins with {ROOT}, as in {EXAMPLE}")
    try:
        return Override(parts, yaml.load(value, StrictLoader))  # noqa: S506 - a SafeLoader
    except StrictYamlError as error:
        raise _error(path, f"the value {value!r} is not YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise _error(path, f"the value {value!r} is not YAML: quote it") from error


def apply_overrides(manifest: dict[str, Any], overrides: Sequence[Override]) -> dict[str, Any]:
    """Return the manifest with the values set; the given one stays as it is.

    Raises:
        InvalidSpecError: a path leads through something that has no fields.
    """
    changed = copy.deepcopy(manifest)
    for override in overrides:
        _set(changed, override.path, override.value, ())
    return changed


def _set(node: Any, path: tuple[str, ...], value: Any, before: tuple[str, ...]) -> None:
    key: Any = path[0]
    if isinstance(node, list):
        if not key.isdecimal() or int(key) >= len(node):
            raise _error(".".join((*before, key)), f"{before[-1]} is a list of {len(node)}: count from 0")
        key = int(key)
    elif not isinstance(node, dict):
        raise _error(
            ".".join((*before, key)),
            f"cannot be set, because {'.'.join(before)} is {node!r}, which has no fields",
        )
    if len(path) == 1:
        node[key] = value
        return
    if isinstance(node, dict) and node.get(key) is None:
        node[key] = {}
    _set(node[key], path[1:], value, (*before, path[0]))


def _error(path: str, message: str) -> InvalidSpecError:
    return InvalidSpecError([Problem(FailureReason.INVALID_SPEC, f"--set {path}", message)])
