"""YAML as kubectl reads it, where YAML's own loaders do something else in silence."""

from typing import Any

import yaml
from yaml.constructor import SafeConstructor


class StrictYaml(SafeConstructor):
    """Goes before one of YAML's safe loaders. A key that occurs twice is rejected, while they take the last
    one. 1:30 is a text, which they take for 90; a long one costs them time as the square of its length."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Return a mapping.

        Raises:
            yaml.MarkedYAMLError: names the key, and where it is for the second time.
        """
        seen: set[str] = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"the key {key.value!r} occurs twice: remove one", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)

    def construct_number(self, node: yaml.ScalarNode) -> Any:
        """Return a number, or the text of one to the base of 60."""
        if ":" in node.value:
            return self.construct_scalar(node)
        is_whole = node.tag == "tag:yaml.org,2002:int"
        return self.construct_yaml_int(node) if is_whole else self.construct_yaml_float(node)


StrictYaml.yaml_constructors = {
    **SafeConstructor.yaml_constructors,
    "tag:yaml.org,2002:int": StrictYaml.construct_number,
    "tag:yaml.org,2002:float": StrictYaml.construct_number,
}
