"""YAML in which no key is there twice, of which YAML's own loaders silently take the last."""

from typing import Any

import yaml
from yaml.constructor import SafeConstructor


class UniqueKeys(SafeConstructor):
    """Goes before one of YAML's safe loaders, and has it refuse a key that is there twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return a mapping.

        Raises:
            yaml.MarkedYAMLError: names the key, and where it is for the second time.
        """
        seen: set[str] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key.value!r} is there twice: remove one", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)
