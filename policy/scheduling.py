"""Which Node a Pod would go to, simply: the one that fits and has fewest Pods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from model.facts import NodeFacts
from model.naming import natural_key


class Scheduler:
    """Counts the Pods it placed. Invariant: every count is of Pods placed on that node."""

    def __init__(self, nodes: Sequence[NodeFacts]) -> None:
        self._nodes = sorted(nodes, key=lambda node: natural_key(node.name))
        self._counts = dict.fromkeys((node.name for node in self._nodes), 0)

    def fitting(self, selector: Mapping[str, str]) -> list[str]:
        """The names of the nodes that have all labels of a `nodeSelector`, in natural order."""
        wanted = selector.items()
        return [node.name for node in self._nodes if wanted <= node.labels.items()]

    def place(self, node_name: str, selector: Mapping[str, str]) -> tuple[str, str]:
        """(node, empty) or (empty, the reason why there is none); the Pod is counted.

        A `node_name` is taken as it is, as the scheduler does.
        """
        if node_name:
            self._counts[node_name] = self._counts.get(node_name, 0) + 1
            return node_name, ""
        fitting = self.fitting(selector)
        if not fitting:
            return "", self._reason(selector)
        node = min(fitting, key=lambda name: self._counts[name])
        self._counts[node] += 1
        return node, ""

    def _reason(self, selector: Mapping[str, str]) -> str:
        if not self._nodes:
            return "there is no Node; add a manifest of one"
        labels = ", ".join(f"{key}={value}" for key, value in sorted(selector.items()))
        return f"no Node has the labels `{labels}` of its nodeSelector"
