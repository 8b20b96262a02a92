"""The words that occur in the loaded data: label keys, their values, names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import ItemsView

    from cli.repl.world import World
    from store.store import Store

_LABELLED = {"Pod": "pod", "Namespace": "namespace", "Node": "node"}


class Vocabulary:
    """Values by subject and key; of a subject without key, under the key `""`."""

    def __init__(self, world: World) -> None:
        """Reads everything that the world holds, once."""
        self._values: dict[str, dict[str, set[str]]] = {}
        for kind, section in _LABELLED.items():
            self._of_kind(world.store, kind, section)
        for pool in world.store.pools.list():
            for _, subject, key, _, values in pool.serving.rules.checks:
                for value in values or ("",):
                    self._add(subject, key, value)
        self.pools = world.pool_names()
        self.pods = [f"{namespace}/{name}" for namespace, name in world.pods()]

    def keys(self, subject: str) -> list[str]:
        """The keys that occur below a subject, sorted."""
        return sorted(key for key in self._values.get(subject, {}) if key)

    def values(self, subject: str, key: str = "") -> list[str]:
        """The values that occur there, sorted."""
        return sorted(value for value in self._values.get(subject, {}).get(key, ()) if value)

    def _of_kind(self, store: Store, kind: str, section: str) -> None:
        for one in store.objects.list(kind):
            self._add(f"{section}.name", "", one.name)
            for field in ("labels", "annotations"):
                for key, value in _texts(one.facts.get(field)):
                    self._add(f"{section}.{field.removesuffix('s')}", key, value)

    def _add(self, subject: str, key: str, value: str) -> None:
        self._values.setdefault(subject, {}).setdefault(key, set()).add(value)


def _texts(found: object) -> ItemsView[str, str]:
    """Labels or annotations, where there are any."""
    return (found if isinstance(found, dict) else {}).items()
