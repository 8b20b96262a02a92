"""RECONCILE: leases against the Pods there are, for what no DEL and no `apply` told the store.

bound, its Pod is there     nothing; an earlier sighting is forgotten
bound, its Pod is absent    first run: noted; a later one: let go of, or kept for its StatefulSet
bound, of no Pod            the same by its container, where sandboxes are given; else nothing
bound after the Pods were looked at   nothing: they say nothing of it
kept, wanted                nothing
kept, not wanted any more   let go of at once: no list of Pods is needed to know that
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ipam.absence import (
    Absence,
    Key,
    Lives,
    absence,
    by_interface,
    changed_sightings,
    key_of,
    why_absent,
)
from ipam.drain import finish_drains
from ipam.journal_bounds import prune_step
from ipam.keeping import unwanted
from ipam.tenancy import why_not_kept
from model.addresses import address_text
from model.errors import StoreBusyError
from model.facts import PodFacts
from model.facts_json import pod_from_json
from model.leases import (
    BOUND,
    KEPT,
    RESTING,
    Busy,
    Lease,
    LetGo,
    Released,
    stateful_set_of,
)
from store.store import Store

if TYPE_CHECKING:
    from model.leases import Outcome

GRACE_SECONDS = 300
SHARE = 10  # one run lets go of one in so many leases at most
BATCH = 256  # operations under one write lock

# What became of a lease.
PRESENT, NO_POD, WANTED, NEWER = "present", "no-pod", "wanted", "newer"
SEEN_ABSENT, WAITING, OVER_LIMIT = "seen-absent", "waiting", "over-limit"
RELEASED, NOW_KEPT, CHANGED, STORE_BUSY = "released", "kept", "changed", "busy"


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What was done with a lease, and why, in a line. `pod` is `namespace/name` or empty."""

    address: str
    pool: str
    pod: str
    action: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReconcileReport:
    """Every lease that was bound or kept before, by family and address.

    `limit` is how many leases of absent Pods the run might let go of, None for no limit; with
    `dry_run` the actions are what would have been done. `ready_at_seconds` (UTC) is when the grace
    of the first of those is over that wait for it, None where none does.
    """

    leases: tuple[Reconciled, ...]
    limit: int | None
    dry_run: bool
    ready_at_seconds: int | None = None

    @property
    def over_limit(self) -> int:
        """How many leases were left to a later run because of the limit."""
        return sum(one.action == OVER_LIMIT for one in self.leases)


def reconcile(
    store: Store,
    pods: Iterable[PodFacts] | None,
    now_seconds: int,
    *,
    grace_seconds: int = GRACE_SECONDS,
    force: bool = False,
    dry_run: bool = False,
    sandbox_lives: Lives | None = None,
    looked_at_seconds: int | None = None,
) -> ReconcileReport:
    """Let go of what absent Pods hold, and end what is kept for nobody; says what became of each.

    `pods` are all the Pods there are, None: those that were applied to the store. A Pod is absent
    if it is not among them, has terminated, has another UID than the lease (where both are known),
    or `sandbox_lives` denies its attachment; one that is being deleted still uses its address. Its
    leases go after two runs at least `grace_seconds` apart saw it absent, if nothing changed them
    in between; at most a tenth of all bound and kept leases in one run, though one interface at
    least, longest absent first, unless `force` is set. What a busy store or another process
    prevents is said of the leases concerned, and left to the next run; `StoreBusyError` where not
    even the sightings can be written, and then nothing was changed.

    `looked_at_seconds` is when `pods` and `sandbox_lives` were so, at most `now_seconds`, which it
    is where it is not given. Grace is the time between two looks, so that a list that is given
    twice is one look; what changed after the look is left alone. A pool that is being drained goes
    with its last lease.
    """
    looked_at = now_seconds if looked_at_seconds is None else min(looked_at_seconds, now_seconds)
    run = _Run(store, now_seconds, looked_at, dry_run)
    known = {(pod.namespace, pod.name): pod for pod in (_own_pods(store) if pods is None else pods)}
    absences = run.judge(known, sandbox_lives)
    limit = None if force else max(1, len(run.leases) // SHARE)
    ripe = run.choose(absences, grace_seconds, limit)
    endings = unwanted(store, [lease for lease in run.leases if lease.state == KEPT])
    run.end([LetGo(one.leases, one.reason, run.is_to_keep(one)) for one in ripe])
    run.end([LetGo(leases, reason) for leases, reason in endings])
    run.finish_drains()
    if not dry_run:
        _prune_a_little(store, now_seconds)
    rows = tuple(map(run.row, run.leases))
    return ReconcileReport(rows, limit, dry_run, min(run.ready_at, default=None))


class _Run:
    """One run, and what it did so far with each lease: (action, reason) by key."""

    def __init__(self, store: Store, now_seconds: int, looked_at: int, dry_run: bool) -> None:
        self._store = store
        self._now_seconds = now_seconds
        self._looked_at = looked_at
        self._dry_run = dry_run
        self._done: dict[Key, tuple[str, str]] = {}
        self.ready_at: list[int] = []
        self.leases = _held(store)

    def judge(
        self, pods: dict[tuple[str, str], PodFacts], sandbox_lives: Lives | None
    ) -> list[Absence]:
        """The absences among bound leases; notes new ones, and forgets those that are over."""
        sightings = {key_of(one): one for one in self._store.sightings.list()}
        found = []
        for lease in self.leases:
            if lease.state == KEPT:
                self._tell([lease], WANTED, "its StatefulSet wants its Pod")
        for group in by_interface(lease for lease in self.leases if lease.state == BOUND):
            if any(lease.changed_at_seconds > self._looked_at for lease in group):
                self._tell(group, NEWER, "it changed after the Pods were looked at")
                continue
            reason = why_absent(group[0], pods, sandbox_lives)
            if reason:
                found.append(absence(group, reason, sightings, self._looked_at))
            elif group[0].holder.pod_name:
                self._tell(group, PRESENT, f"pod {group[0].holder.pod_text} is there")
            elif sandbox_lives is None:
                self._tell(group, NO_POD, "it belongs to no Pod, and no sandboxes are given")
            else:
                container = group[0].attachment.container_id
                self._tell(group, PRESENT, f"container {container} is there")
        if not self._dry_run:
            self._store.sightings.update(*changed_sightings(found, sightings, self._looked_at))
        return found

    def choose(
        self, absences: Sequence[Absence], grace_seconds: int, limit: int | None
    ) -> list[Absence]:
        """The absences that last long enough, longest first, up to the limit."""
        ripe: list[tuple[int, Absence]] = []
        for one in absences:
            if one.since_seconds is None:
                self.ready_at.append(self._looked_at + grace_seconds)
                self._tell(one.leases, SEEN_ABSENT, f"{one.reason}; seen for the first time")
            elif self._looked_at - one.since_seconds < grace_seconds:
                left = grace_seconds - (self._looked_at - one.since_seconds)
                self.ready_at.append(one.since_seconds + grace_seconds)
                self._tell(one.leases, WAITING, f"{one.reason}; {left} s of grace are left")
            else:
                ripe.append((one.since_seconds, one))
        chosen, count = [], 0
        for _, one in sorted(ripe, key=lambda pair: pair[0]):
            if limit is not None and count and count + len(one.leases) > limit:
                over = f"{one.reason}; one run lets go of {limit} at most without force"
                self._tell(one.leases, OVER_LIMIT, over)
            else:
                count += len(one.leases)
                chosen.append(one)
        return chosen

    def is_to_keep(self, one: Absence) -> bool:
        """Whether a StatefulSet wants the absent Pod, so that its leases are kept."""
        return stateful_set_of(one.leases[0].holder.tenant) is not None and not why_not_kept(
            self._store, one.leases
        )

    def end(self, operations: Sequence[LetGo]) -> None:
        """Carry out, or with `dry_run` say what would come of it."""
        for start in range(0, len(operations), BATCH):
            batch = operations[start : start + BATCH]
            outcomes: list[Outcome] = (
                [Released(one.leases) for one in batch]
                if self._dry_run
                else self._store.leases.execute(batch, self._now_seconds)
            )
            for operation, outcome in zip(batch, outcomes, strict=True):
                self._tell(operation.leases, *_action(operation, outcome))

    def finish_drains(self) -> None:
        """Delete the drained pools of which the last lease went."""
        done = [lease.pool for lease in self.leases if self._done[key_of(lease)][0] == RELEASED]
        if not self._dry_run:
            finish_drains(self._store, dict.fromkeys(done))

    def row(self, lease: Lease) -> Reconciled:
        """What was done with a lease."""
        action, reason = self._done[key_of(lease)]
        address = address_text(lease.family, lease.address)
        return Reconciled(address, lease.pool, lease.holder.pod_text, action, reason)

    def _tell(self, leases: Iterable[Lease], action: str, reason: str) -> None:
        for lease in leases:
            self._done[key_of(lease)] = (action, reason)


def _action(operation: LetGo, outcome: Outcome) -> tuple[str, str]:
    if isinstance(outcome, Released):
        return NOW_KEPT if operation.keep else RELEASED, operation.reason
    if isinstance(outcome, Busy):
        return STORE_BUSY, f"{operation.reason}; the store was busy, so it is left to the next run"
    return CHANGED, f"{operation.reason}; but it was changed meanwhile, so it is left as it is"


def _prune_a_little(store: Store, now_seconds: int) -> None:
    """One step a run: where no CNI call comes any more, the journal still gets no older."""
    with suppress(StoreBusyError):
        prune_step(store, now_seconds)


def _own_pods(store: Store) -> list[PodFacts]:
    return [pod_from_json(record.facts) for record in store.objects.list("Pod")]


def _held(store: Store) -> list[Lease]:
    """All bound and kept leases, by family and address."""
    names = [name for family in (4, 6) for name in store.pools.names(family)]
    leases = [lease for name in names for lease in store.leases.by_pool(name)]
    return sorted((lease for lease in leases if lease.state != RESTING), key=key_of)
