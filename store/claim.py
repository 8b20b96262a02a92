"""One operation on leases inside a transaction: claim, take over, release, let go.

Where a claim looks for an address, pool after pool, best pool first:

    1. the lowest address that nobody holds; those that have rested long enough count as such
    2. the one that rested longest, though its time is not over

so a pool counts as full only when each of its addresses is bound, kept or reserved.
"""

from __future__ import annotations

from model.addresses import address_bytes, address_text
from model.leases import (
    BOUND,
    KEPT,
    RESTING,
    Answer,
    Claim,
    Claimed,
    Existing,
    Lease,
    LetGo,
    NoneLeft,
    NothingHeld,
    Release,
    Released,
    Stale,
    TakeOver,
)
from store.lease_changes import Changes
from store.lease_rows import (
    BY_ADDRESS,
    LONGEST_RESTING,
    RESTED,
    bound_to,
    find,
    held_by_tenant,
)
from store.open_ranges import is_claimable, lowest_free

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from model.leases import FamilyClaim, Operation, Outcome, PoolChoice
    from store.database import Database
    from store.lease_rows import Held

# How many leases that have rested enough one claim gives back to a pool: a bound on its work.
MOST_RESTED = 256
KEEP_DECISION = (
    "INSERT INTO decision (at, pod_namespace, pod_name, ifname, outcome, rules_digest, evidence) "
    "VALUES (?, ?, ?, ?, ?, ?, ?)"
)


def perform(database: Database, operation: Operation, now_seconds: int) -> Outcome:
    """The outcome of one operation, all of it or nothing, inside the caller's transaction."""
    with database.savepoint() as savepoint:
        changes = Changes(database, now_seconds)
        if isinstance(operation, Claim):
            outcome = _claim(database, changes, operation, now_seconds)
        elif isinstance(operation, TakeOver):
            outcome = _take_over(database, changes, operation)
        elif isinstance(operation, LetGo):
            outcome = _let_go(database, changes, operation)
        else:
            outcome = _release(database, changes, operation)
        if isinstance(outcome, NoneLeft):
            savepoint.abandon()
        else:
            changes.flush()
        return outcome


def _claim(database: Database, changes: Changes, claim: Claim, now_seconds: int) -> Outcome:
    held = bound_to(database, claim.attachment)
    if held:
        return Existing([one.lease for one in held])
    if rules_digest(database) != claim.rules_digest:
        return Stale()
    if isinstance(_let_go(database, changes, LetGo(claim.letting_go, claim.reason)), Stale):
        return Stale()
    decision_id = _keep_decision(database, claim, now_seconds)
    leases = []
    for family_claim in claim.families:
        found = _find_address(database, changes, family_claim, now_seconds)
        if found is None:
            return NoneLeft(family_claim.family)
        lease = _new_lease(claim, family_claim.family, *found, now_seconds)
        leases.append(changes.bind(lease, len(claim.families), decision_id))
    return Claimed(leases)


def _keep_decision(database: Database, claim: Claim, now_seconds: int) -> int:
    """The id of the decision, kept if the claim is; 0 where there is nothing to keep."""
    if not claim.evidence:
        return 0
    pod = (claim.holder.pod_namespace, claim.holder.pod_name)
    values = (
        now_seconds,
        *pod,
        claim.attachment.ifname,
        "claimed",
        claim.rules_digest,
        claim.evidence,
    )
    return database.run(KEEP_DECISION, values).lastrowid or 0


def _find_address(
    database: Database, changes: Changes, wanted: FamilyClaim, now_seconds: int
) -> tuple[PoolChoice, int] | None:
    """The first choice that has an address for this claim, and that address, made free."""
    for choice in wanted.choices:
        if wanted.address is None:
            number = _lowest(database, changes, choice.pool, wanted.family, now_seconds)
        else:
            number = _requested(database, changes, choice.pool, wanted.family, wanted.address)
        if number is not None:
            return choice, number
    return None


def _lowest(
    database: Database, changes: Changes, pool: str, family: int, now_seconds: int
) -> int | None:
    for rested in find(database, RESTED, (pool, now_seconds, MOST_RESTED)):
        changes.free(rested)
    number = lowest_free(database, changes.bitmap(family), pool)
    if number is None:
        for resting in find(database, LONGEST_RESTING, (pool,)):
            changes.free(resting)
            number = resting.lease.address
    return number


def _requested(
    database: Database, changes: Changes, pool: str, family: int, number: int
) -> int | None:
    """The number asked for, if the pool may give it and it is nobody's; a resting one is taken."""
    if not is_claimable(database, pool, family, number):
        return None
    for held in find(database, BY_ADDRESS, (family, address_bytes(family, number))):
        if held.lease.state != RESTING:
            return None
        changes.free(held)
    return number


def _new_lease(
    claim: Claim, family: int, choice: PoolChoice, number: int, now_seconds: int
) -> Lease:
    text = f"{address_text(family, number)}/{choice.prefix_bits}"
    return Lease(
        family,
        number,
        choice.pool,
        BOUND,
        claim.attachment,
        claim.holder,
        Answer(text, choice.gateway, tuple(choice.routes)),
        now_seconds,
        rules_digest=claim.rules_digest,
        decision=choice.reason,
    )


def _take_over(database: Database, changes: Changes, operation: TakeOver) -> Outcome:
    held = bound_to(database, operation.attachment)
    if not held:
        held = held_by_tenant(database, operation.holder.tenant)
        if not held:
            return NothingHeld()
        revisions = [one.lease.revision for one in held]
        if operation.if_revisions is not None and revisions != list(operation.if_revisions):
            return Stale()
        return Existing(
            [changes.rebind(one, operation.attachment, operation.holder) for one in held]
        )
    return Existing([one.lease for one in held])


def _release(database: Database, changes: Changes, operation: Release) -> Outcome:
    held = bound_to(database, operation.attachment)
    return _end(database, changes, held, operation.keep)


def _let_go(database: Database, changes: Changes, operation: LetGo) -> Outcome:
    held = []
    for lease in operation.leases:
        key = (lease.family, address_bytes(lease.family, lease.address))
        found = find(database, BY_ADDRESS, key)
        if not found or found[0].lease.revision != lease.revision:
            return Stale()
        held += found
    return _end(database, changes, held, operation.keep, operation.reason)


def _end(
    database: Database, changes: Changes, held: Sequence[Held], keep: bool, reason: str = ""
) -> Released:
    """Bound leases become kept if so wanted, kept ones stay then, all others rest."""
    ended = []
    for one in held:
        lease = one.lease
        kept = keep and lease.holder.tenant != ""
        if lease.state == RESTING or (kept and lease.state == KEPT):
            continue
        if kept:
            changes.keep(one, reason)
        else:
            changes.rest(one, quarantine_seconds(database, lease.pool), reason)
        ended.append(lease)
    return Released(ended)


def rules_digest(database: Database) -> str:
    """The digest of the rules of all pools, as 64 hexadecimal digits."""
    row = database.row("SELECT value FROM meta WHERE key = 'rules_digest'")
    return str(row[0]).zfill(64) if row else ""


def quarantine_seconds(database: Database, pool: str) -> int:
    """How long a released address of this pool rests: the pool's own word, else the setting."""
    row = database.row("SELECT quarantine_seconds FROM pool WHERE name = ?", (pool,))
    if row and row[0] is not None:
        return int(row[0])
    from store.settings import Settings  # noqa: PLC0415 - a claim does without

    return Settings(database).quarantine_seconds()
