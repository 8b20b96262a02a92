"""What workers were answered, and what may be found in the store therefore."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

Addresses = frozenset[str]
# From when to when somebody surely held an address, in nanoseconds, and who.
Window = tuple[int, int, str]
EVER = 1 << 63


class Container:
    """What may be true of one container: one of `possible` (None: it holds nothing).

    `any_addresses`: or it holds some addresses that nobody was told of.
    """

    def __init__(self) -> None:
        self.possible: set[Addresses | None] = {None}
        self.any_addresses = False
        self.since: int | None = None

    def allows(self, addresses: Addresses | None) -> bool:
        """Whether this may be found."""
        if addresses in self.possible:
            return True
        return self.any_addresses and addresses is not None and len(addresses) == 2

    def settle(self, addresses: Addresses | None) -> None:
        """This is true now."""
        self.possible, self.any_addresses = {addresses}, False


class Promises:
    """Everything that was said, of all containers. Lines as in `tests.ipam.crashing`."""

    def __init__(self) -> None:
        self.answers = 0
        self._containers: dict[str, Container] = {}
        self._windows: dict[str, list[Window]] = {}
        self._wrong: list[str] = []

    def hear_all(self, lines: Iterable[str]) -> None:
        """In the order in which one slot wrote them."""
        for line in lines:
            verb, name, *rest = line.split()
            container = self._containers.setdefault(name, Container())
            if verb == "A":
                self._added(name, container, rest)
            elif rest == ["ok"]:
                self.answers += 1
                container.settle(None)
            else:
                self._close(name, container, int(rest[0]))
                container.possible.add(None)

    def _added(self, name: str, container: Container, rest: list[str]) -> None:
        if rest == ["?"]:
            container.any_addresses = container.any_addresses or None in container.possible
            return
        self.answers += 1
        addresses = frozenset(rest[1:])
        if not container.allows(addresses):
            self._wrong.append(f"{name} was answered {rest[1:]}, may be {container.possible}")
        container.settle(addresses)
        if container.since is None:
            container.since = int(rest[0])

    def _close(self, name: str, container: Container, end: int) -> None:
        """Nobody may rely on these addresses from now on."""
        if container.since is not None:
            for addresses in container.possible - {None}:
                for address in addresses or ():
                    window = (container.since, end, name)
                    self._windows.setdefault(address, []).append(window)
        container.since = None

    def certain(self) -> dict[str, Addresses]:
        """The containers that surely hold addresses."""
        found = {}
        for name, container in self._containers.items():
            if len(container.possible) == 1 and not container.any_addresses:
                (addresses,) = container.possible
                if addresses is not None:
                    found[name] = addresses
        return found

    def settle(self) -> None:
        """Who does not surely hold addresses holds none."""
        certain = self.certain()
        for name, container in self._containers.items():
            if name not in certain:
                container.settle(None)
                container.since = None

    def broken(self, held: dict[str, Addresses]) -> list[str]:
        """What was answered and is not so."""
        found = [*self._wrong]
        for name in sorted(held.keys() | self._containers.keys()):
            container = self._containers.get(name, Container())
            if not container.allows(held.get(name)):
                found.append(f"{name} holds {held.get(name)}, may be {container.possible}")
        return found + list(self._shared())

    def _shared(self) -> Iterator[str]:
        """Addresses that two containers surely held at the same time."""
        windows = {address: list(found) for address, found in self._windows.items()}
        for name, addresses in self.certain().items():
            since = self._containers[name].since
            for address in addresses:
                if since is not None:
                    windows.setdefault(address, []).append((since, EVER, name))
        for address, found in windows.items():
            latest: Window = (0, 0, "")
            for window in sorted(found):
                if window[0] < latest[1] and window[2] != latest[2]:
                    yield f"{address} was held by {latest[2]} and {window[2]} at once"
                latest = max(latest, window, key=lambda one: one[1])
