"""What a run finds besides rules: what `apply` refuses, and in which order everything stands."""

from __future__ import annotations

from model.spans import Span
from policy.lint.finding import ERROR, Related
from policy.lint.run import lint
from tests.lint.linting import findings, found, linted, pool, pools, the, underlined


def test_what_apply_refuses_is_an_error_under_its_own_code_at_its_place() -> None:
    text = pool("nodeName: [BAD]\nipz: []").replace("10.6.1.1-10.6.1.9", "10.6.1.9-10.6.1.1")
    assert found(text) == ["reversed-range", "invalid-name", "unknown-field"]
    finding = the("unknown-field", text)
    assert (finding.severity, finding.object, finding.field) == (
        ERROR,
        "SpiderIPPool/web",
        "spec.ipz",
    )
    assert finding.hint == "did you mean `ips`?"
    assert underlined(text, finding) == "ipz"


def test_pools_that_share_addresses_are_told_as_apply_would_tell_it() -> None:
    text = pools(pool(name="a"), pool(name="b"), pool(name="c", block=2))
    finding = the("address-overlap", text)
    assert finding.message == "spec.ips[0]: `10.6.1.1-10.6.1.9` also belongs to the pool `a`"
    assert finding.hint == (
        "take it out of one of the pools, for example with `excludeIPs: [10.6.1.1-10.6.1.9]`"
    )
    assert finding.object == "SpiderIPPool/b"
    assert finding.related == (Related(Span("f.yaml", 7, 8, 7, 27), "the pool `a`"),)


def test_overlaps_of_many_pools_are_one_finding_a_pool() -> None:
    text = pools(*(pool(name=f"p{number}") for number in range(40)))
    told = [one for one in findings(text) if one.rule == "address-overlap"]
    assert len(told) == 39
    assert told[-1].message.endswith(", and 9 more pools share addresses")
    assert len(told[-1].related) == 5


def test_subnets_that_overlap_are_told() -> None:
    wide = pool(name="b").replace("10.6.0.0/16", "10.0.0.0/8").replace("10.6.1", "10.7.1")
    finding = the("subnet-overlap", pools(pool(name="a"), wide))
    assert finding.message == ("spec.subnet: the subnet `10.0.0.0/8` overlaps that of the pool `a`")
    assert finding.related == (Related(Span("f.yaml", 6, 11, 6, 22), "the pool `a`"),)


def test_findings_stand_in_the_order_of_the_text() -> None:
    text = pools(
        pool("nodeName: [n1]\nnodeAffinity: {}\nnamespaceAffinity: {}", "a"),
        pool("namespaceAffinity: {}\nipz: 1", "b", 2),
    )
    lines = [finding.span.line for finding in findings(text)]
    assert lines == sorted(lines)
    assert found(text) == ["shadowed-affinity", "empty-selector-raises-rank", "unknown-field"]


def test_a_fingerprint_stays_when_lines_move_and_differs_between_findings() -> None:
    text = pools(pool("namespaceAffinity: {}", "a"), pool("namespaceAffinity: {}", "b", 2))
    before = [finding.fingerprint for finding in findings(text)]
    after = [finding.fingerprint for finding in findings("# a comment\n\n" + text)]
    assert before == after
    assert len(set(before)) == 2


def test_a_file_that_is_no_manifest_is_one_finding() -> None:
    for text in ("{", "\0", "- 1\n", "a: [\n", "x: &a [*a]\n", b"\xff\xfe\x00", "[" * 5000):
        (finding,) = findings(text)
        assert finding.severity == ERROR
        assert finding.object == "f.yaml"


def test_progress_names_each_rule_once_and_rules_that_need_a_world_only_with_one() -> None:
    told: list[tuple[str, int, int]] = []
    lint(linted(pool()), tell=lambda *step: told.append(step))
    assert [count for _, count, _ in told] == list(range(len(told)))
    assert {total for _, _, total in told} == {len(told)}
