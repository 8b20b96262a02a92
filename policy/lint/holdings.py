"""How many addresses pools have for those who ask: less what is reserved, and held by strangers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from model.intervals import size
from policy.lint.asked import Asked
from policy.lint.world import WorldPool


@dataclass(frozen=True, slots=True)
class Room:
    """The addresses of a pool: `total`, of which some are reserved, and some held by strangers."""

    total: int
    reserved: int
    held: int

    @property
    def free(self) -> int:
        """What is left for those who ask, with what they hold already."""
        return max(self.total - self.reserved - self.held, 0)

    @property
    def text(self) -> str:
        """`8 (of 10: 1 reserved, 1 held by others)`."""
        parts = [f"{self.reserved} reserved"] if self.reserved else []
        parts += [f"{self.held} held by others"] if self.held else []
        return f"{self.free} (of {self.total}: {', '.join(parts)})" if parts else str(self.free)


def rooms(asked: Asked, names: Iterable[str]) -> dict[str, Room]:
    """What the pools of these names have. Whoever asks is no stranger."""
    cluster = asked.cluster
    known = {(pod.namespace, pod.name) for _, pod in cluster.live_pods}
    sets = {(record.namespace, record.name) for record in cluster.of("StatefulSet")}
    return {name: _room(asked, cluster.pools[name], known, sets) for name in names}


def _room(
    asked: Asked, pool: WorldPool, known: set[tuple[str, str]], sets: set[tuple[str, str]]
) -> Room:
    total = size(pool.addresses)
    held = sum(
        holder not in known and (holder[0], holder[1].rpartition("-")[0]) not in sets
        for holder in pool.holders
    )
    return Room(total, total - size(asked.cluster.usable(pool)), held)
