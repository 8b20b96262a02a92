"""From Lark's tree to the typed tree. Lark's trees go no further than this module."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from grammar.checks import read_check, read_ranked
from grammar.comments import Comments
from grammar.literals import read_integer, read_string
from grammar.tree import PoolBlock, Rank, Require, Ruleset, Shadowed
from grammar.version import version_error
from grammar.words import shown

if TYPE_CHECKING:
    from lark import Token, Tree

    from grammar.source import Source
    from grammar.tree import Clause
    from model.rules import Check
    from model.spans import Span


def build_ruleset(source: Source, tree: Tree[Token]) -> Ruleset:
    """The typed tree of a whole text; `RuleError` for what is well formed and still wrong."""
    children: list[Any] = tree.children
    newer = version_error(source)
    if newer:
        raise newer
    comments = Comments(source.text)
    version = children[1]
    leading, trailing = comments.before(version.start_pos), comments.behind(version.end_pos)
    blocks: dict[str, PoolBlock] = {}
    for child in children[2:]:
        block = _build_pool(source, comments, child, blocks)
        blocks[block.name] = block
    rest = comments.before(len(source.text))
    return Ruleset(int(version), tuple(blocks.values()), leading, trailing, rest)


def build_clauses(source: Source, tree: Tree[Token]) -> tuple[Require, ...]:
    """The `require` clauses of a pool's annotation, each with the origin `annotation`.

    `RuleError` for any other origin. Comments after the last clause are dropped.
    """
    comments = Comments(source.text)
    clauses = []
    for child in tree.children:
        children: list[Any] = child.children  # type: ignore[union-attr]
        origin = children[3]
        if origin not in (None, "annotation"):
            raise source.error_at(
                f"this clause comes from an annotation, not from {shown(origin)}",
                origin,
                hint="write `from annotation`, or no origin",
                expected=("`annotation`",),
            )
        clauses.append(Require(*_check_parts(source, comments, children, "annotation")))
    return tuple(clauses)


def _build_pool(
    source: Source, comments: Comments, tree: Tree[Token], earlier: dict[str, PoolBlock]
) -> PoolBlock:
    children: list[Any] = tree.children
    keyword, label, opening, *inside, closing = children
    name = read_string(source, label)
    if not name:
        raise source.error_at("the pool has no name", label, hint="write the name of a pool")
    if name in earlier:
        raise source.error_at(
            f"there are two pools called {shown(name)}",
            label,
            hint=f"the first is in line {earlier[name].span.line}; rename or remove one",
        )
    leading, trailing = comments.before(opening.start_pos), comments.behind(opening.end_pos)
    clauses = _build_clauses(source, comments, inside)
    ending = comments.before(closing.start_pos)
    behind = comments.behind(closing.end_pos)  # the tree has no place for it, so it moves inside
    ending += () if behind is None else (behind,)
    span = source.span(keyword, closing)
    return PoolBlock(name, clauses, leading, trailing, ending, span)


def _build_clauses(
    source: Source, comments: Comments, trees: list[Tree[Token]]
) -> tuple[Clause, ...]:
    clauses: list[Clause] = []
    rank: Rank | None = None
    for tree in trees:
        children: list[Any] = tree.children
        if tree.data == "rank":
            if rank:
                raise source.error_at(
                    "the pool has two `rank` clauses",
                    children[0],
                    children[-1],
                    hint=f"the first is in line {rank.span.line}; keep one of them",
                )
            rank = _build_rank(source, comments, children)
            clauses.append(rank)
        else:
            kind = Require if tree.data == "require" else Shadowed
            clauses.append(kind(*_check_parts(source, comments, children)))
    return tuple(clauses)


def _check_parts(
    source: Source, comments: Comments, children: list[Any], unwritten: str = ""
) -> tuple[Check, tuple[str, ...], str | None, Span]:
    """What `Require` and `Shadowed` are made of; `unwritten` is the origin where none stands."""
    keyword, atom, _, origin, end = children
    field, subject, key, operator, values = read_check(source, atom, origin)
    check = (field or unwritten, subject, key, operator, values)
    leading, trailing = comments.before(end.start_pos), comments.behind(end.end_pos)
    return check, leading, trailing, source.span(keyword, end)


def _build_rank(source: Source, comments: Comments, children: list[Any]) -> Rank:
    keyword, *fields, _, number, end = children
    ranked, priority = read_ranked(source, fields), read_integer(source, number)
    leading, trailing = comments.before(end.start_pos), comments.behind(end.end_pos)
    return Rank(ranked, priority, leading, trailing, source.span(keyword, end))
