"""`dual-stack-asymmetry`: two pools that are one but for the family, and let other Pods through."""

from __future__ import annotations

import re
from collections.abc import Iterator

from policy.lint.finding import WARNING, Finding, Related
from policy.lint.linted import Linted
from policy.lint.pools import LintedPool
from policy.lint.rule import Rule
from policy.normal.answer import NO, YES
from policy.normal.box import Box, implies, pieces_outside, satisfiable
from policy.normal.domains import FAMILY
from policy.normal.witness import witness_of
from policy.wording import shown

# What tells the families apart in a name: `web-v4` and `web-ipv6`, but not the number of `web-4`.
_FAMILY_WORD = re.compile(r"(?<![a-z0-9])(?:ip)?v([46])(?![0-9])")


def _find(linted: Linted) -> Iterator[Finding]:
    twins: dict[tuple[str, bool], dict[int, LintedPool]] = {}
    for pool in linted.pools:
        words = _FAMILY_WORD.findall(pool.name)
        lives = not pool.rules.disabled and not pool.rules.terminating
        if words == [str(pool.rules.family)] and lives:
            key = _FAMILY_WORD.sub("*", pool.name), pool.rules.default
            twins.setdefault(key, {})[pool.rules.family] = pool
    for pair in twins.values():
        if len(pair) == 2:
            yield from _compared(pair[4], pair[6])


def _compared(four: LintedPool, six: LintedPool) -> Iterator[Finding]:
    """A finding where one of them surely lets a Pod through that the other does not."""
    boxes = four.box.without(FAMILY), six.box.without(FAMILY)
    if any(satisfiable(box) is NO for box in boxes):
        return
    for pool, other, mine, theirs in ((four, six, *boxes), (six, four, *boxes[::-1])):
        if implies(mine, theirs) is NO:
            yield _finding(pool, other, mine, theirs)
            return


def _finding(wider: LintedPool, narrower: LintedPool, mine: Box, theirs: Box) -> Finding:
    outside = () if theirs.has_globs else pieces_outside(mine, theirs)
    piece = next((one for one in outside if satisfiable(one) is YES), None)
    has, lacks = wider.rules.family, narrower.rules.family
    return RULE.at(
        narrower.document,
        ("metadata", "name"),
        f"the pools {shown(wider.name)} and {shown(narrower.name)} are named as one pool of two "
        f"families, but some Pods may use the IPv{has} one and not the IPv{lacks} one",
        "give both the same affinity fields, or names that do not pair them",
        about=wider.name,
        related=(Related(wider.document.span(("metadata", "name")), "the other family"),),
        witness=None if piece is None else witness_of(piece),
    )


RULE = Rule(
    "dual-stack-asymmetry",
    WARNING,
    "pools named as the two families of one pool let different Pods through",
    _find,
)
