"""Who asks for addresses in a cluster, and of which pools: what rules about workloads share."""

from __future__ import annotations

from functools import cached_property

from policy.lint.asks import Ask, asks
from policy.lint.cluster import Cluster
from policy.lint.placement import Placement
from policy.lint.reach import Reaches


class Asked:
    """All of it, found out when the first rule asks."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster

    @cached_property
    def placement(self) -> Placement:
        """The Nodes, and where Pods may run."""
        return Placement(self.cluster.of("Node"))

    @cached_property
    def reaches(self) -> Reaches:
        """Which pools a Pod could use."""
        return Reaches(self.cluster, self.placement)

    @cached_property
    def asks(self) -> list[Ask]:
        """Everybody who asks."""
        return list(asks(self.cluster, self.placement, by_name=self.reaches.by_name))
