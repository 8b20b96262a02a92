"""Leases and journal of an export into a store, each lease looked at first."""

from __future__ import annotations

from collections import Counter

from ipam.holdings import STARTS
from ipam.jsonl_lines import Lines
from model.addresses import address_text
from model.errors import ManifestError
from model.intervals import Intervals, contains
from model.leases import BOUND, RESTING, Lease
from model.spans import Span
from store.lease_restore import Restore
from store.lease_rows import Held
from store.repair import check
from store.reserved import reserved_by_objects
from store.store import Store


class Restoring:
    """One run, inside the caller's transaction. Errors go to `lines.errors`, at their lines."""

    def __init__(self, whole: Store, lines: Lines, now_seconds: int) -> None:
        self._whole = whole
        self._lines = lines
        self._now_seconds = now_seconds
        self._restore = Restore(whole.database, now_seconds)
        self._claims: dict[int, int] = {}
        self._seen: dict[tuple[int, int], Span] = {}
        self._pools: dict[str, tuple[int, Intervals]] = {}
        self._reserved = {one: reserved_by_objects(whole.database, one) for one in (4, 6)}
        self.leases: Counter[str] = Counter()
        self.changes = 0

    def run(self) -> None:
        """All changes, then all leases."""
        self._take_changes()
        for held, span in self._lines.leases:
            error = self._take(held, span)
            if error is not None:
                self._lines.errors.append(error)
        self._find_lost()
        self._restore.flush()
        self._find_broken()

    def _take_changes(self) -> None:
        changes = self._lines.changes
        if not changes:
            return
        if self._whole.journal.known_from() is not None:
            if not self._is_here():
                message = "this store has a journal already, and two do not make one"
                hint = "import into a new store, or leave out --journal when you export"
                self._error(message, hint, changes[0][1], "invalid-value")
            return
        for entry, _ in changes:
            self._restore.change(entry)
        self._restore.known_from(self._lines.journal_from or 0)
        self.changes = len(changes)

    def _is_here(self) -> bool:
        """Whether the store's own journal is that of the file: the import is repeated."""
        stories: dict[tuple[int, int], list[object]] = {}
        for entry, _ in self._lines.changes:
            stories.setdefault((entry.family, entry.address), []).append(entry)
        own = self._whole.journal.of_address
        return all(own(*key)[: len(story)] == story for key, story in stories.items())

    def _take(self, held: Held, span: Span) -> ManifestError | None:
        lease = held.lease
        text = address_text(lease.family, lease.address)
        key = (lease.family, lease.address)
        first = self._seen.setdefault(key, span)
        if first is not span:
            return _wrong(f"`{text}` has a lease in line {first.line} already", span, "held-twice")
        found = self._whole.leases.by_address(*key)
        if found is not None and found.replace(revision="") == lease:
            self.leases["unchanged"] += 1
            self._claims.setdefault(held.claim, self._restore.claim_of(found))
            return None
        error = self._obstacle(lease, found, text, span)
        if error is not None:
            return error
        revision = self._restore.told(lease) if self.changes else 0
        if self.changes and not revision:
            message = f"the journal of the file does not tell of the lease of `{text}`"
            return _wrong(message, span, "entry-disagrees")
        if found is not None:
            self._restore.clear(found, self._now_seconds)
        self._put(held, revision)
        return None

    def _put(self, held: Held, revision: int) -> None:
        number = held.claim
        held.claim = self._claims.get(number, 0)
        held.reserved = contains(self._reserved[held.lease.family], held.lease.address)
        self._claims[number] = self._restore.lease(held, revision)
        self.leases["taken over"] += 1
        if not self.changes:
            self._restore.known_from(self._now_seconds)

    def _obstacle(
        self, lease: Lease, found: Lease | None, text: str, span: Span
    ) -> ManifestError | None:
        family, ranges = self._pool(lease.pool)
        if not family:
            message = f"`{text}` is of the pool `{lease.pool}`, which is not there"
            return _wrong(message, span, "pool-missing")
        if family != lease.family or not contains(ranges, lease.address):
            message = f"`{text}` is no address of its pool `{lease.pool}`"
            return _wrong(message, span, "address-outside-pool")
        if found is not None and found.state != RESTING:
            message = f"`{text}` is held here by {found.holder_text}"
            return _wrong(message, span, "held-by-another")
        for other in self._whole.leases.by_attachment(lease.attachment):
            if lease.state == BOUND and other.family == lease.family:
                has = address_text(other.family, other.address)
                message = f"{lease.holder_text} holds `{has}` here, on the same interface"
                return _wrong(message, span, "held-by-another")
        return None

    def _pool(self, name: str) -> tuple[int, Intervals]:
        """Family and addresses of a pool; family 0 for one that is not there."""
        if name not in self._pools:
            record = self._whole.pools.get(name)
            known = (record.serving.rules.family, record.ranges) if record else (0, ())
            self._pools[name] = known
        return self._pools[name]

    def _find_lost(self) -> None:
        """Addresses that the file's journal says are held, and of which it has no lease."""
        if not self.changes:
            return
        newest = {(one.family, one.address): (one, span) for one, span in self._lines.changes}
        for key, (entry, span) in newest.items():
            if entry.event in STARTS and key not in self._seen:
                text = address_text(*key)
                message = f"the journal says that `{text}` is held, but there is no lease of it"
                self._lines.errors.append(_wrong(message, span, "entry-disagrees"))

    def _find_broken(self) -> None:
        """Leases that are here now, and that do not hold together, by themselves or with others."""
        if self._lines.errors or not self.leases["taken over"]:
            return
        spans = {address_text(*key): span for key, span in self._seen.items()}
        for problem in check(self._whole):
            if problem.address in spans:
                error = _wrong(problem.message, spans[problem.address], "invalid-value")
                self._lines.errors.append(error)

    def _error(self, message: str, hint: str, span: Span, code: str) -> None:
        self._lines.errors.append(ManifestError(message, hint, span, code))


_HINTS = {
    "held-twice": "keep one of the two lines",
    "entry-disagrees": "export again, with the journal or without it",
    "pool-missing": "import the pool's manifest, too",
    "address-outside-pool": "add it to `spec.ips` of the pool, or leave out the lease",
    "invalid-value": "correct the line, or leave it out; `poolweaver check-store` says what is "
    "wrong with the store it is from",
    "held-by-another": "release the address here first, or leave out the lease",
}


def _wrong(message: str, span: Span, code: str) -> ManifestError:
    return ManifestError(message, _HINTS[code], span, code)
