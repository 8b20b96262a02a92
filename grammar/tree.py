"""The typed tree of the rule language.

    Ruleset ── PoolBlock ── Require | Shadowed | Rank

Equality ignores spans, so that `parse(print_rules(tree)) == tree` can be a law. Comments are part
of the tree: `comments` are the lines before a node, `trailing` is the one behind it on its line,
`end_comments` those before a closing brace or the end of the text; all without `#` and the blank
after it. The values of a set are sorted and stand there once, so equal sets are equal trees.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from model.rules import Check
from model.spans import Span

NOWHERE = Span("<rules>", 1, 1)


@dataclass(frozen=True, slots=True)
class Require:
    """`require CHECK [from ORIGIN];`: a Pod's interface may use the pool only if the check holds.

    `check[0]` is the origin (`podAffinity`, ..., `annotation`), or empty where none is written.
    """

    check: Check
    comments: tuple[str, ...] = ()
    trailing: str | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Shadowed:
    """`shadowed CHECK [from ORIGIN];`: written in the manifest, but another field overrides it."""

    check: Check
    comments: tuple[str, ...] = ()
    trailing: str | None = None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Rank:
    """`rank FIELD... priority N;`: the affinity fields present, in the order of `RANK_FIELDS`."""

    fields: tuple[str, ...]
    priority: int
    comments: tuple[str, ...] = ()
    trailing: str | None = None
    span: Span = field(default=NOWHERE, compare=False)


Clause = Require | Shadowed | Rank


@dataclass(frozen=True, slots=True)
class PoolBlock:
    """`pool "NAME" { CLAUSE... }`. `trailing` stands behind the opening brace."""

    name: str
    clauses: tuple[Clause, ...]
    comments: tuple[str, ...] = ()
    trailing: str | None = None
    end_comments: tuple[str, ...] = ()
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Ruleset:
    """A whole text: `rules VERSION`, then pools with distinct names."""

    version: int
    pools: tuple[PoolBlock, ...]
    comments: tuple[str, ...] = ()
    trailing: str | None = None
    end_comments: tuple[str, ...] = ()
