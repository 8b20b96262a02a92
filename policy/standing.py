"""Whether a pool stands, decided fast: the verdict of `policy.evaluate.judge` without its reasons.

`Known` turns facts into one table, each subject looked up once however many pools ask for it, and
only if one does. `standing` stops at the first check that fails. A CNI call imports this.
"""

from __future__ import annotations

from functools import lru_cache

from grammar.globs import compile_glob, glob_matches
from model.facts import Unknown
from policy.evaluate import look_up

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from model.facts import Facts
    from model.rules import Check, PoolRules

_KEYED = {
    "pod.label": ("pod", "labels"),
    "pod.annotation": ("pod", "annotations"),
    "namespace.label": ("namespace", "labels"),
    "node.label": ("node", "labels"),
}
_NOTHING: Mapping[str, str] = {}
_glob = lru_cache(maxsize=4096)(compile_glob)


class Known(dict[str, "Mapping[str, str] | None"]):
    """Subject to values by key, for the facts of one interface and one family.

    A subject without key has its value under the key `""`. A key that is not there is absent; a
    subject whose section is not known gives None. `checks_done` counts the checks that `standing`
    evaluated with this table: the deterministic cost of a decision. Not for two threads at once.
    """

    __slots__ = ("checks_done", "facts", "family")

    def __init__(self, facts: Facts, family: int) -> None:
        super().__init__()
        self.facts = facts
        self.family = family
        self.checks_done = 0

    def __missing__(self, subject: str) -> Mapping[str, str] | None:
        self[subject] = found = self._find(subject)
        return found

    def _find(self, subject: str) -> Mapping[str, str] | None:
        values: Mapping[str, str] | None = None
        if subject in _KEYED:
            section, field = _KEYED[subject]
            facts = getattr(self.facts, section)
            if not isinstance(facts, Unknown):
                values = getattr(facts, field)
        else:
            value, _, known = look_up(self.facts, self.family, subject, "")
            if known:
                values = _NOTHING if value is None else {"": value}
        return values


def standing(known: Known, rules: PoolRules) -> bool | None:
    """True: the pool matches. False: it is filtered, disabled or terminating. None: undecided.

    Pure but for `known.checks_done`, to which it adds the checks it evaluated.
    """
    if rules.disabled or rules.terminating:
        return False
    return checks_stand(known, rules.checks)


def checks_stand(known: Known, checks: Sequence[Check]) -> bool | None:
    """The same of checks alone: True if all hold, False if one fails, None for the rest."""
    verdict: bool | None = True
    done = 0
    for check in checks:
        done += 1
        _, subject, key, operator, wanted = check
        values = known[subject]
        if values is None:
            verdict = None
        elif operator in ("in", "="):
            if values.get(key) not in wanted:
                verdict = False
                break
        elif not holds(operator, wanted, values.get(key)):
            verdict = False
            break
    known.checks_done += done
    return verdict


def holds(operator: str, wanted: Sequence[str], value: str | None) -> bool:
    """What `policy.evaluate.check_holds` says, with the glob compiled once."""
    if operator in ("in", "="):
        return value in wanted
    if operator == "not in":
        return value not in wanted
    if operator == "exists":
        return value is not None
    if operator == "absent":
        return value is None
    return value is not None and glob_matches(_glob(wanted[0]), value)
