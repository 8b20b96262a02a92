"""The Protocol `Pools` on objects: an object a pool."""

from __future__ import annotations

import builtins
from collections.abc import Sequence

from model.intervals import contains, size
from model.leases import RESTING
from model.naming import natural_key
from model.pools import Anchor, DefaultPool, PoolRecord, PoolUsage, ServingPool
from store.pool_records import AppliedPool
from tests.objects.claims import leases_of, standing
from tests.objects.codec import record_of
from tests.objects.ledger import Ledger
from tests.objects.names import POOL
from tests.objects.world import Rules


class ObjectPools:
    """Pools, read. Each call sees one moment."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def rules_digest(self) -> str:
        """An order-independent digest of all that a decision or its answer reads of any pool."""
        return digest_of(Rules(self._ledger.client))

    def names(self, family: int) -> builtins.list[str]:
        """The names of all pools of a family, in natural order."""
        return [one.name for one in self.list() if one.serving.rules.family == family]

    def serving(self, names: Sequence[str]) -> dict[str, ServingPool]:
        """The named pools that exist, in the order of `names`; without spans."""
        found = {one.name: one for one in self.list()}
        return {name: _bare(found[name]) for name in names if name in found}

    def serving_default(self, family: int) -> builtins.list[ServingPool]:
        """Every pool of the family with `spec.default: true`, in natural order; without spans."""
        rules = [(one, one.serving.rules) for one in self.list()]
        return [_bare(one) for one, its in rules if its.family == family and its.default]

    def default_checks(self, family: int) -> builtins.list[DefaultPool]:
        """The same pools in no order, and of them no more than decides whether they stand."""
        rules = [(one.sort, one.serving.rules) for one in self.list()]
        return [
            (its.name, sort, its.checks, its.disabled, its.terminating)
            for sort, its in rules
            if its.family == family and its.default
        ]

    def has_default(self, family: int) -> bool:
        """Whether any pool of the family has `spec.default: true`."""
        return bool(self.serving_default(family))

    def serving_anchored(
        self,
        family: int,
        anchors: Sequence[Anchor],  # noqa: ARG002 - all pools are among those that are asked for
        subjects: Sequence[str] = (),  # noqa: ARG002
        after: bytes = b"",
        limit: int = 16,
        *,
        with_room: bool = False,  # noqa: ARG002
    ) -> builtins.list[ServingPool]:
        """The next default pools that serve, in the order of `sort`: nothing is filed here."""
        rest = [(one.sort, one.serving.rules, one) for one in self.list() if one.sort > after]
        serving = [
            (sort, one)
            for sort, its, one in rest
            if its.family == family and its.default and not its.disabled and not its.terminating
        ]
        return [_bare(one) for _, one in sorted(serving, key=lambda pair: pair[0])[:limit]]

    def get(self, name: str) -> PoolRecord | None:
        """One whole pool, spans included."""
        found = self._ledger.client.get(POOL, name)
        pool: PoolRecord | None = record_of(found.text) if found else None
        return pool

    def list(self) -> builtins.list[PoolRecord]:
        """All whole pools, in natural order of name, spans included."""
        found = Rules(self._ledger.client).pools.values()
        return sorted(found, key=lambda one: natural_key(one.name))

    def usage(self, names: Sequence[str]) -> dict[str, PoolUsage]:
        """Counts of the named pools that exist, from one list of all claims."""
        rules = Rules(self._ledger.client)
        leases = [lease for _, lease in leases_of(standing(self._ledger.all()))]
        usage = {}
        for name in names:
            if name in rules.pools:
                pool = rules.pools[name]
                mine = [one for one in leases if one.pool == name]
                held = [one for one in mine if one.state != RESTING]
                claimable = rules.claimable(name, pool.serving.rules.family)
                free = size(claimable) - sum(contains(claimable, one.address) for one in held)
                usage[name] = PoolUsage(size(pool.ranges), len(held), len(mine) - len(held), free)
        return usage

    def has_free(self, family: int, names: Sequence[str] | None) -> bool | None:
        """Whether a pool that serves has an address; None if there is no such pool."""
        serving = [
            one.name
            for one in (pool.serving.rules for pool in self.list())
            if one.family == family and not one.disabled and not one.terminating
            if (one.default if names is None else one.name in names)
        ]
        return any(one.free for one in self.usage(serving).values()) if serving else None


def digest_of(rules: Rules) -> str:
    """The digest of all pools: the sum of one number a pool, so that no order matters."""
    return f"{sum(map(_weight, rules.pools.values())) % (1 << 256):064x}"


def _weight(pool: PoolRecord) -> int:
    return int.from_bytes(AppliedPool(pool).weight, "big")


def _bare(pool: PoolRecord) -> ServingPool:
    return pool.serving.replace(rules=pool.serving.rules.replace(spans=()))
