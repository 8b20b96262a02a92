"""What a text means as a tree: checks, ranks, comments, spans."""

from __future__ import annotations

import pytest

from grammar.parse import parse, parse_clauses
from grammar.printer import print_clause, print_pool, print_rules
from grammar.tree import Clause, PoolBlock, Rank, Require, Ruleset, Shadowed
from model.rules import Check
from model.spans import Span

CHECKS: list[tuple[str, Check, str]] = [
    ("ip.family = 6", ("", "ip.family", "", "=", ("6",)), "the family is kept as text"),
    ('pod.name = "a"', ("", "pod.name", "", "=", ("a",)), "one value"),
    (
        'pod.label["app"] in {"b", "a", "b"} from podAffinity',
        ("podAffinity", "pod.label", "app", "in", ("a", "b")),
        "a set is sorted and holds each value once",
    ),
    (
        'node.label["a/b"] not in {"x"} from nodeAffinity',
        ("nodeAffinity", "node.label", "a/b", "not in", ("x",)),
        "two words, one operator",
    ),
    ('exists pod.annotation["k"]', ("", "pod.annotation", "k", "exists", ()), "no values"),
    ("absent pod.owner.kind", ("", "pod.owner.kind", "", "absent", ()), "owners may be absent"),
    ("exists nic.network", ("", "nic.network", "", "exists", ()), "networks may be absent"),
    (
        'nic.name matches "net[0-9]" from annotation',
        ("annotation", "nic.name", "", "matches", ("net[0-9]",)),
        "a glob stays as it is",
    ),
    (r'pod.name = "\"\\\u{1F600}\u{9}é"', ("", "pod.name", "", "=", ('"\\😀\té',)), "escapes"),
    ('pod.name = "# not a comment"', ("", "pod.name", "", "=", ("# not a comment",)), "quoted"),
    ('pod.name = ""', ("", "pod.name", "", "=", ("",)), "an empty value is a value"),
    (
        'pod.label["in"] in {"in", "not in"}',
        ("", "pod.label", "in", "in", ("in", "not in")),
        "keywords",
    ),
]


@pytest.mark.parametrize(("text", "check", "why"), CHECKS)
def test_an_atom_becomes_a_check(text: str, check: Check, why: str) -> None:
    tree = parse(f'rules 1 pool "a" {{ require {text}; shadowed {text}; }}')
    assert tree.pools[0].clauses == (Require(check), Shadowed(check)), why


RANKS = [
    ("rank priority 0;", Rank((), 0), "no affinity field at all"),
    ("rank priority -7;", Rank((), -7), "a negative priority"),
    ("rank podAffinity multusName priority 10;", Rank(("podAffinity", "multusName"), 10), "fields"),
    (f"rank priority {2**63 - 1};", Rank((), 2**63 - 1), "the largest"),
    (f"rank priority -{2**63};", Rank((), -(2**63)), "the smallest"),
]


@pytest.mark.parametrize(("text", "rank", "why"), RANKS)
def test_a_rank_clause_becomes_fields_and_a_priority(text: str, rank: Rank, why: str) -> None:
    assert parse(f'rules 1 pool "a" {{ {text} }}').pools[0].clauses == (rank,), why


GLOBS = ["", "*", "?", "web-*", "[a-z]", "[^a-z]*", r"\\[", r"[\\]]", r"[\\-]", "]", "-", "[[]"]


@pytest.mark.parametrize("glob", GLOBS)
def test_a_glob_that_go_accepts_is_accepted(glob: str) -> None:
    assert parse_clauses(f'require pod.name matches "{glob}";')


def test_layout_is_free_and_a_version_line_alone_is_a_text() -> None:
    assert parse("rules 1") == parse("\n\trules\n1\r\n") == Ruleset(1, ())
    assert parse('rules 1 pool"a"{rank priority 0;}').pools == (PoolBlock("a", (Rank((), 0),)),)


def test_pools_keep_their_order_and_odd_names() -> None:
    names = ["b", "a", "pool-10", "pool-2", 'q"\\', "池", " "]
    tree = Ruleset(1, tuple(PoolBlock(name, ()) for name in names))
    assert [block.name for block in parse(print_rules(tree)).pools] == names


EVERYWHERE = """\
# 1 before the version
rules # 2 inside the version line
1 # 3 behind the version
# 4 before a pool
pool # 5 inside a head
"a" { # 6 behind a brace
# 7 before a clause
require # 8 inside a clause
  ip.family # 9 inside, too
  = 4; # 10 behind a clause

   #11 before a rank
rank priority 0; shadowed ip.family = 6; #  12 behind two clauses
#
# 14 before a closing brace
} # 15 behind a closing brace
# 16 before the end
"""

IN_PLACE = """\
# 1 before the version
# 2 inside the version line
rules 1  # 3 behind the version
# 4 before a pool
# 5 inside a head
pool "a" {  # 6 behind a brace
  # 7 before a clause
  # 8 inside a clause
  # 9 inside, too
  require ip.family = 4;  # 10 behind a clause
  # 11 before a rank
  rank priority 0;
  shadowed ip.family = 6;  #  12 behind two clauses
  #
  # 14 before a closing brace
  # 15 behind a closing brace
}

# 16 before the end
"""


def test_every_comment_finds_its_place_in_the_tree() -> None:
    tree = parse(EVERYWHERE)
    assert tree == Ruleset(
        1,
        (
            PoolBlock(
                "a",
                (
                    Require(
                        ("", "ip.family", "", "=", ("4",)),
                        ("7 before a clause", "8 inside a clause", "9 inside, too"),
                        "10 behind a clause",
                    ),
                    Rank((), 0, ("11 before a rank",)),
                    Shadowed(("", "ip.family", "", "=", ("6",)), (), " 12 behind two clauses"),
                ),
                ("4 before a pool", "5 inside a head"),
                "6 behind a brace",
                ("", "14 before a closing brace", "15 behind a closing brace"),
            ),
        ),
        ("1 before the version", "2 inside the version line"),
        "3 behind the version",
        ("16 before the end",),
    )
    assert print_rules(tree) == IN_PLACE


def test_spans_run_from_the_keyword_to_the_semicolon_or_brace() -> None:
    text = '\nrules 1\n  pool "a" {\n  require\n    ip.family = 4 ;\n  rank priority 0;\n}'
    block = parse(text, "a.rules").pools[0]
    assert block.span == Span("a.rules", 3, 3, 7, 2)
    assert [clause.span for clause in block.clauses] == [
        Span("a.rules", 4, 3, 5, 20),
        Span("a.rules", 6, 3, 6, 19),
    ]


def test_clauses_of_an_annotation_have_its_origin_and_shifted_spans() -> None:
    text = '# why\nrequire exists pod.label["a"];  # so\nrequire ip.family = 4 from annotation;\n'
    first, second = parse_clauses(text, "pools.yaml", line=7, column=21, later_column=5)
    assert first == Require(("annotation", "pod.label", "a", "exists", ()), ("why",), "so")
    assert second == Require(("annotation", "ip.family", "", "=", ("4",)))
    assert first.span == Span("pools.yaml", 8, 5, 8, 35)
    assert second.span == Span("pools.yaml", 9, 5, 9, 43)


@pytest.mark.parametrize("text", ["", "  \n", "# nothing\n"])
def test_an_empty_annotation_has_no_clauses(text: str) -> None:
    assert parse_clauses(text) == ()


def test_a_clause_and_a_pool_are_printed_alone_for_whoever_stores_them() -> None:
    rank: Clause = Rank(("nodeName",), -1, ("not printed",), "nor this")
    assert print_clause(rank) == "rank nodeName priority -1;"
    shadowed = Shadowed(("nodeAffinity", "node.label", "z", "in", ("b", "a", "b")))
    assert print_clause(shadowed) == 'shadowed node.label["z"] in {"a", "b"} from nodeAffinity;'
    block = PoolBlock("a", (rank,), ("why",))
    assert print_pool(block) == (
        '# why\npool "a" {\n  # not printed\n  rank nodeName priority -1;  # nor this\n}\n'
    )


def test_a_comment_of_several_lines_cannot_break_out() -> None:
    text = print_rules(
        Ruleset(1, (PoolBlock("a", (Rank((), 0, ("b\nc ",), "d\nrules 2"),)),), ("e\n\nf",))
    )
    assert text == (
        '# e\n#\n# f\nrules 1\npool "a" {\n  # b\n  # c\n  rank priority 0;  # d rules 2\n}\n'
    )
    assert print_rules(parse(text)) == text
