"""The index over all default pools: a decision that does not look at every pool.

    PoolIndex ── one `Postings` a family: every default pool under its rarest requirement
              └─ one more, of pools filed under their node: for Pods whose node is not known

Every pool has a sort key (`policy.ranks`), so what is found comes best first and nothing is
renumbered by an edit. `policy.evaluate` stays the oracle; `policy.index_check` compares both.
"""

from __future__ import annotations

from heapq import merge
from itertools import islice

from policy.anchors import ALWAYS, EXISTS, alternatives, rarest
from policy.blocks import BLOCK
from policy.postings import SHORT, Postings
from policy.ranks import sort_key
from policy.standing import Known, checks_stand

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from model.facts import Facts
    from model.pools import DefaultPool, ServingPool
    from model.rules import Check, PoolRules
    from policy.anchors import Anchor
    from policy.blocks import Entry
    from policy.postings import Posting

    # a pool, and True if it matches or None if it is undecided
    Stands = tuple[ServingPool, bool | None]
    Choices = tuple[tuple[Anchor, ...], ...]

_NODE = ("node.name", "node.label", "exists node.name", "exists node.label")
_UNFILED = -1


class PoolIndex:
    """All pools by name, and those with `spec.default` by what they require.

    Adding, replacing or removing one pool costs about the same whatever their number. Names are
    unique over both families. Not for two threads at once.

    Its worst cases are linear in what is filed (ADR 13): pools that share every positive
    requirement (in bulk), pools told apart by `matches` alone, Pods whose labels are not known.
    """

    __slots__ = ("_blind", "_counts", "_filed", "_main", "_sizes")

    def __init__(
        self, pools: Iterable[ServingPool] = (), short: int = SHORT, block: int = BLOCK
    ) -> None:
        """`short` and `block` bound the postings' parts; they change the cost, not the answers."""
        self._sizes = short, block
        self._counts: dict[Anchor, int] = {}
        self._main: dict[int, Postings] = {}
        self._blind: dict[int, Postings] = {}
        # name -> entry, place of the requirement it is filed under, the same for blind Pods
        self._filed: dict[str, tuple[Entry, int, int]] = {}
        listed = list({pool.rules.name: pool for pool in pools}.values())
        choices = [_choices(pool.rules) for pool in listed]
        for each in choices:
            self._count(each, 1)
        for pool, each in zip(listed, choices, strict=True):
            self._file(pool, each)

    def __len__(self) -> int:
        return len(self._filed)

    def get(self, name: str) -> ServingPool | None:
        """The pool of that name, default or not."""
        filed = self._filed.get(name)
        return filed[0][2] if filed else None

    def names(self, family: int) -> list[str]:
        """The names of all pools of a family, default or not, in no order."""
        return [name for name, filed in self._filed.items() if filed[0][2].rules.family == family]

    def pools(self) -> Iterator[ServingPool]:
        """All pools, default or not, in no order."""
        return (entry[2] for entry, _, _ in self._filed.values())

    def default_checks(self, family: int) -> list[DefaultPool]:
        """Name, sort key, checks, disabled, terminating of the default pools, in no order."""
        return [
            (its.name, sort, its.checks, its.disabled, its.terminating)
            for (sort, _, pool), _, _ in self._filed.values()
            if (its := pool.rules).family == family and its.default
        ]

    def add(self, pool: ServingPool) -> None:
        """Add a pool, in place of the one of that name if there is one."""
        self.remove(pool.rules.name)
        choices = _choices(pool.rules)
        self._count(choices, 1)
        self._file(pool, choices)

    def remove(self, name: str) -> None:
        """Remove the pool of that name; nothing happens if there is none."""
        if name not in self._filed:
            return
        entry, main, blind = self._filed.pop(name)
        rules = entry[2].rules
        choices = _choices(rules)
        self._count(choices, -1)
        if main != _UNFILED:
            self._main[rules.family].remove(entry[0], _chosen(choices, main))
        if blind != _UNFILED:
            self._blind[rules.family].remove(entry[0], _chosen(_without_node(choices), blind))

    def prepare(self) -> None:
        """Do now what the first decisions would do once; for a start-up that is not in a hurry."""
        for postings in (*self._main.values(), *self._blind.values()):
            postings.prepare()

    def best(self, facts: Facts, family: int, most: int, after: bytes = b"") -> list[Stands]:
        """The first `most` of `walk`."""
        return list(islice(self.walk(Known(facts, family), after), most))

    def walk(self, known: Known, after: bytes = b"") -> Iterator[Stands]:
        """The default pools that stand, best first, found as they are asked for.

        Each with True if it matches, None if it is undecided. That a pool may be full is not looked
        at. `after` is the sort key of the last pool of an earlier walk. The cost stands in
        `known.checks_done`. The index must not change while one walks.
        """
        postings, all_known = self._probe(known)
        previous = None
        for entry in self._candidates(postings, known, after):
            if entry is previous:  # filed twice: under two values, or for blind Pods too
                continue
            previous = entry
            _, rest, pool = entry
            verdict = checks_stand(known, rest if all_known else pool.rules.checks)
            if verdict is not False:
                yield pool, verdict

    def _candidates(self, postings: list[Posting], known: Known, after: bytes) -> Iterator[Entry]:
        """What the postings hold behind `after`, best first, less what bits show to fail."""
        few: list[Entry] = []
        many = []
        for posting in postings:
            if isinstance(posting, list):
                few += posting
            elif posting.is_one_block:
                few += posting.left(known, b"")
            else:
                many.append(posting.left(known, after))
        if len(postings) > 1:
            few.sort()
        if after:
            few = [entry for entry in few if entry[0] > after]
        return merge(few, *many) if many else iter(few)

    def _probe(self, known: Known) -> tuple[list[Posting], bool]:
        """(the postings that hold every pool that may stand, whether none is there for its subject)

        A pool that was found by what it requires need not be asked for that again.
        """
        found: list[Posting] = []
        main = self._main.get(known.family)
        unknown = main.probe(known, found) if main else []
        if main is None or not unknown:
            return found, True
        for subject in unknown:
            if subject not in _NODE:
                found += main.all_of(subject)
        if any(subject in _NODE for subject in unknown):
            blind = self._blind[known.family]
            for subject in blind.probe(known, found):
                found += blind.all_of(subject)
        return found, False

    def _count(self, choices: Choices, change: int) -> None:
        """How many pools could be filed under an anchor: what is rare is what few ask for."""
        counts = self._counts
        for anchors in choices:
            for anchor in anchors:
                count = counts.get(anchor, 0) + change
                if count:
                    counts[anchor] = count
                else:
                    del counts[anchor]

    def _file(self, pool: ServingPool, choices: Choices) -> None:
        """File a pool whose requirements are counted."""
        rules = pool.rules
        main = blind = _UNFILED
        anchors: tuple[Anchor, ...] = ()
        if _is_filed(rules):
            main, anchors = self._rarest(choices)
        entry = (sort_key(rules), _rest(rules, anchors), pool)
        if anchors:
            self._main.setdefault(rules.family, Postings(*self._sizes)).add(entry, anchors)
            if anchors[0][0] in _NODE:
                blind, anchors = self._rarest(_without_node(choices))
                self._blind.setdefault(rules.family, Postings(*self._sizes)).add(entry, anchors)
        self._filed[rules.name] = (entry, main, blind)

    def _rarest(self, choices: Choices) -> tuple[int, tuple[Anchor, ...]]:
        """The rarest requirement, with its place among the choices (0 if there are none)."""
        anchors = rarest(choices, lambda anchor: self._counts.get(anchor, 0))
        return (choices.index(anchors) if choices else 0), anchors


def _is_filed(rules: PoolRules) -> bool:
    return rules.default and not rules.disabled and not rules.terminating


def _choices(rules: PoolRules) -> Choices:
    """What the pool may be filed under: nothing if it is not filed."""
    return alternatives(rules.checks) if _is_filed(rules) else ()


def _chosen(choices: Choices, place: int) -> tuple[Anchor, ...]:
    return choices[place] if choices else (ALWAYS,)


def _without_node(choices: Choices) -> Choices:
    return tuple(anchors for anchors in choices if anchors[0][0] not in _NODE)


def _rest(rules: PoolRules, anchors: tuple[Anchor, ...]) -> tuple[Check, ...]:
    """The checks that may still fail for a Pod that met one of the anchors in a walk."""
    if not anchors:
        return ()
    subject, key, _ = anchors[0]
    met = {value for _, _, value in anchors}
    return tuple(check for check in rules.checks if not _is_met(rules, check, subject, key, met))


def _is_met(rules: PoolRules, check: Check, subject: str, key: str, met: set[str]) -> bool:
    """Whether a Pod of the pool's family that has a value of `met` there passes the check."""
    _, asked, asked_key, operator, values = check
    if asked == "ip.family":
        return operator == "=" and values == (str(rules.family),)
    if operator == "exists":
        return subject == EXISTS + asked and key == asked_key
    return operator in ("=", "in") and (asked, asked_key) == (subject, key) and met <= set(values)
