"""Tree to text, in canonical form.

# before                        lines before a node
rules 1  # trailing             two blanks before a comment behind something
pool "a" {
  require ip.family = 4;        two blanks of indentation, one clause a line
}
                                one empty line between pools
pool "b" {
}
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from grammar.tree import Rank, Require
from model.rules import check_text, quote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from grammar.tree import Clause, PoolBlock, Ruleset
    from model.rules import Check


def print_rules(tree: Ruleset) -> str:
    """The canonical text of a tree, with a newline at its end.

    `parse` gives the same tree back, spans aside, if the tree is one that `parse` could have made:
    comments without newlines and without blanks at their end, values of sets sorted. Sets are
    printed sorted and without duplicates in any case; of a comment of several lines, each line
    becomes one where it stands alone, and they become one line where it stands behind something.
    """
    return "\n".join([*_lines(tree), ""])


def print_pool(block: PoolBlock) -> str:
    """The canonical text of one pool, without the version line, with a newline at its end."""
    return "\n".join([*_pool_lines(block), ""])


def print_clause(clause: Clause) -> str:
    """The canonical text of one clause without its comments, such as `require ip.family = 4;`."""
    if isinstance(clause, Rank):
        return " ".join(("rank", *clause.fields, "priority", f"{clause.priority};"))
    keyword = "require" if isinstance(clause, Require) else "shadowed"
    origin = f" from {clause.check[0]}" if clause.check[0] else ""
    return f"{keyword} {check_text(_normal(clause.check))}{origin};"


def _lines(tree: Ruleset) -> Iterator[str]:
    yield from _comments(tree.comments, "")
    yield f"rules {tree.version}" + _behind(tree.trailing)
    for index, block in enumerate(tree.pools):
        if index:
            yield ""
        yield from _pool_lines(block)
    if tree.pools and tree.end_comments:
        yield ""
    yield from _comments(tree.end_comments, "")


def _pool_lines(block: PoolBlock) -> Iterator[str]:
    yield from _comments(block.comments, "")
    yield f"pool {quote(block.name)} {{" + _behind(block.trailing)
    for clause in block.clauses:
        yield from _comments(clause.comments, "  ")
        yield f"  {print_clause(clause)}" + _behind(clause.trailing)
    yield from _comments(block.end_comments, "  ")
    yield "}"


def _normal(check: Check) -> Check:
    field, subject, key, operator, values = check
    return field, subject, key, operator, tuple(sorted(set(values)))


def _comments(comments: tuple[str, ...], indent: str) -> Iterator[str]:
    for comment in comments:
        for line in comment.split("\n"):
            yield indent + f"# {line}".rstrip()


def _behind(comment: str | None) -> str:
    if comment is None:
        return ""
    line = comment.replace("\n", " ")
    return f"  # {line}".rstrip()
