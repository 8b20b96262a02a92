"""Whether a Pod that comes back may have the addresses that its tenant holds.

A Pod known by its UID always may: it is the same Pod in a new sandbox. The Pod of a StatefulSet
may while its ordinal is wanted, each address's pool is still a candidate, every family that has
candidates has an address, and the pool's checks of node and network hold where the Pod is now.
Its other checks, and whether the pool is disabled, do not matter: they decide about new addresses.
"""

from __future__ import annotations

from ipam.gathering import enabled_families
from ipam.tenancy import why_draining, why_unwanted
from model.addresses import address_text
from model.errors import UnknownFactsError
from model.leases import stateful_set_of
from policy.evaluate import evaluate
from policy.reasons import miss_text
from policy.select import select

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipam.request import Request
    from model.decisions import CheckResult
    from model.facts import Facts
    from model.leases import Holder, Lease
    from model.pools import ServingPool
    from policy.select import Candidates
    from store.store import Store

# Subjects that tell of a Pod's place, whichever field the check comes from.
PLACE_SUBJECTS = ("node.name", "node.label", "nic.network", "nic.name")


def why_given_up(
    store: Store, request: Request, facts: Facts, holder: Holder, held: Sequence[Lease]
) -> str:
    """Why what the tenant holds may not be taken over, in a line; empty if it may, all of it.

    Raises `UnknownFactsError` where that depends on facts that are not known, and `CandidateError`
    where the source of candidates is malformed; nobody is to give anything up then.
    """
    if stateful_set_of(holder.tenant) is None:
        return ""
    same_pod = holder.pod_uid != "" and holder.pod_uid == held[0].holder.pod_uid
    unwanted = "" if same_pod else why_unwanted(store, holder.tenant)
    return unwanted or _why_not_from_pools(store, request, facts, held)


def _why_not_from_pools(store: Store, request: Request, facts: Facts, held: Sequence[Lease]) -> str:
    enabled = enabled_families(store)
    candidates = select(facts, request.cni_defaults, enabled, store.pools.names)
    pools = store.pools.serving([lease.pool for lease in held])
    for lease in held:
        if not _is_candidate(candidates, enabled, lease, pools.get(lease.pool)):
            return f"pool `{lease.pool}` is no longer a candidate"
    has = [lease.family for lease in held]
    for family in _wanted_families(store, candidates, enabled):
        if family not in has:
            return f"IPv{family} is wanted, too"
    checked = [(one, _place_checks(facts, one.family, pools[one.pool])) for one in held]
    for lease, checks in checked:
        for check in checks:
            if check.ok is False:
                return f"pool `{lease.pool}` does not fit any more: {miss_text(check)}"
    for lease, checks in checked:
        for check in checks:
            if check.ok is None:
                raise _unknown(facts, lease, check)
    return why_draining(store, held)


def _is_candidate(
    candidates: Candidates, enabled: Sequence[int], lease: Lease, pool: ServingPool | None
) -> bool:
    if candidates.families is None:
        return pool is not None and pool.rules.default and lease.family in enabled
    return pool is not None and lease.pool in candidates.families.get(lease.family, ())


def _wanted_families(store: Store, candidates: Candidates, enabled: Sequence[int]) -> Sequence[int]:
    if candidates.families is None:
        return [family for family in enabled if store.pools.has_default(family)]
    return list(candidates.families)


def _place_checks(facts: Facts, family: int, pool: ServingPool) -> list[CheckResult]:
    checks = [check for check in pool.rules.checks if check[1] in PLACE_SUBJECTS]
    return [evaluate(facts, family, check) for check in checks]


def _unknown(facts: Facts, lease: Lease, check: CheckResult) -> UnknownFactsError:
    section = check.note.partition(" is not known")[0]
    address = address_text(lease.family, lease.address)
    return UnknownFactsError(
        f"cannot decide yet whether pod {facts.pod_text} keeps {address} of pool {lease.pool}: "
        f"{check.field} wants {check.expected}, but {check.note}",
        f"supply {section} with `poolweaver apply -f FILE`, then try again",
    )
