"""Which pools are candidates, and who named them; every way to name them wrongly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from model.errors import CandidateError, UnknownFactsError
from model.facts import Facts, NamespaceFacts, Unknown
from policy.networks import NETWORKS
from policy.pool_annotations import IPPOOL, IPPOOLS, NAMESPACE_KEYS
from policy.select import Candidates, select, unknown_pools
from tests.policy.worlds import facts

KNOWN = {4: ["v4-10", "v4-2", "v4-1", "other"], 6: ["v6-1"]}


def chosen(
    world: Facts,
    cni: Mapping[int, Sequence[str]] | None = None,
    enabled: Sequence[int] = (4, 6),
) -> Candidates:
    return select(world, cni or {}, enabled, lambda family: list(KNOWN[family]))


def in_namespace(**annotations: str) -> NamespaceFacts:
    keys = {"v4": NAMESPACE_KEYS[4], "v6": NAMESPACE_KEYS[6]}
    return NamespaceFacts("shop", {}, {keys[name]: text for name, text in annotations.items()})


POD_ANNOTATION = '{"ipv4": ["a", "b"]}'


@pytest.mark.parametrize(
    ("world", "cni", "source", "families"),
    [
        (facts(annotations={IPPOOL: POD_ANNOTATION}), {}, "pod-ippool", {4: ["a", "b"]}),
        (
            facts(annotations={IPPOOL: POD_ANNOTATION}, namespace=in_namespace(v4='["n"]')),
            {4: ["c"]},
            "pod-ippool",
            {4: ["a", "b"]},
        ),
        (facts(namespace=in_namespace(v4='["n"]')), {6: ["c"]}, "namespace", {4: ["n"]}),
        (facts(namespace=in_namespace(v4="[]", v6="null")), {4: ["c"]}, "cni-config", {4: ["c"]}),
        (facts(), {4: ["c"], 6: ["d"]}, "cni-config", {4: ["c"], 6: ["d"]}),
        (facts(), {4: []}, "cluster-default", None),
        (
            facts(annotations={IPPOOL: POD_ANNOTATION, IPPOOLS: '[{"ipv4": ["x"]}]'}),
            {},
            "pod-ippools",
            {4: ["x"]},
        ),
        (
            facts(annotations={IPPOOL: '{"IPV4": ["a"], "interface": "eth9"}'}),
            {},
            "pod-ippool",
            {4: ["a"]},
        ),
    ],
    ids=[
        "the Pod annotation",
        "the Pod annotation beats all others",
        "the first source wins for both families",
        "empty namespace lists fall through",
        "the CNI configuration",
        "the default pools",
        "ippools beats ippool",
        "keys in any case, others ignored, as Spiderpool reads them",
    ],
)
def test_the_first_source_present_wins(
    world: Facts,
    cni: Mapping[int, Sequence[str]],
    source: str,
    families: Mapping[int, Sequence[str]] | None,
) -> None:
    candidates = chosen(world, cni)
    assert (candidates.source, candidates.families) == (source, families)


def test_patterns_expand_in_natural_order_where_they_stand() -> None:
    world = facts(annotations={IPPOOL: '{"ipv4": ["other", "v4-*"]}'})
    assert chosen(world).families == {4: ["other", "v4-1", "v4-2", "v4-10"]}


def test_candidates_of_a_disabled_family_are_dropped() -> None:
    world = facts(annotations={IPPOOL: '{"ipv4": ["a"], "ipv6": ["b"]}'})
    assert chosen(world, enabled=(4,)).families == {4: ["a"]}


@pytest.mark.parametrize(
    ("nic", "clean", "families"),
    [("eth0", False, {4: ["a"]}), ("net1", True, {4: ["b"]}), ("data", False, {6: ["c"]})],
)
def test_items_without_interface_are_matched_by_position(
    nic: str, clean: bool, families: Mapping[int, Sequence[str]]
) -> None:
    text = '[{"ipv4": ["a"]}, {"ipv4": ["b"], "cleanGateway": true}, {"ipv6": ["c"]}]'
    world = facts(annotations={IPPOOLS: text, NETWORKS: "one,two@data"}, nic=nic)
    candidates = chosen(world)
    assert (candidates.clean_gateway, candidates.families) == (clean, families)


ANNOTATION = f"Pod annotation `{IPPOOL}`"
LIST = f"Pod annotation `{IPPOOLS}`"


@pytest.mark.parametrize(
    ("world", "code", "message"),
    [
        (
            facts(annotations={IPPOOL: "{"}),
            "invalid-pool-annotation",
            f"{ANNOTATION} is not valid JSON: Expecting property name enclosed in double quotes: "
            "line 1 column 2 (char 1)",
        ),
        (
            facts(annotations={IPPOOL: '["a"]'}),
            "invalid-pool-annotation",
            f"{ANNOTATION} is not a JSON object",
        ),
        (
            facts(annotations={IPPOOL: '{"ipv4": "a"}'}),
            "invalid-pool-annotation",
            f"{ANNOTATION}, key `ipv4`, is not a list of pool names",
        ),
        (
            facts(annotations={IPPOOL: '{"ipv4": [""]}'}),
            "invalid-pool-annotation",
            f"{ANNOTATION}, key `ipv4`, has an empty pool name",
        ),
        (
            facts(annotations={IPPOOL: "{}"}),
            "no-candidate",
            f"{ANNOTATION} names no pool under `ipv4` or `ipv6`",
        ),
        (
            facts(annotations={IPPOOL: '{"ipv4": ["zzz*"]}'}),
            "no-candidate",
            f"{ANNOTATION} names no pool that exists: nothing matches `zzz*`",
        ),
        (
            facts(annotations={IPPOOL: '{"ipv4": ["v4-1", "v4-*"]}'}),
            "duplicate-pool",
            f"{ANNOTATION} names pool `v4-1` twice",
        ),
        (
            facts(annotations={IPPOOL: '{"ipv4": ["v4-[]"]}'}),
            "invalid-pool-pattern",
            f"{ANNOTATION} has the malformed pattern `v4-[]`: it has a malformed class `[...]`",
        ),
        (
            facts(annotations={IPPOOLS: "[]"}),
            "invalid-pool-annotation",
            f"{LIST} is not a list with at least one item",
        ),
        (
            facts(annotations={IPPOOLS: '[{"interface": "net1", "ipv4": ["a"]}]'}),
            "invalid-pool-annotation",
            f"{LIST} lists no item for interface `eth0`",
        ),
        (
            facts(annotations={IPPOOLS: '[{"interface": "eth0"}, {"ipv4": ["a"]}]'}),
            "invalid-pool-annotation",
            f"{LIST} names an interface in some items only",
        ),
        (
            facts(annotations={IPPOOLS: '[{"interface": "eth0"}, {"interface": "eth0"}]'}),
            "invalid-pool-annotation",
            f"{LIST} lists interface `eth0` twice",
        ),
        (
            facts(annotations={IPPOOLS: '[{"ipv4": ["a"]}, {"ipv4": ["b"]}]'}),
            "invalid-pool-annotation",
            f"{LIST} has 2 items, but the Pod has 1 interface",
        ),
        (
            facts(annotations={IPPOOLS: '[{"cleangateway": 1, "ipv4": ["a"]}]'}),
            "invalid-pool-annotation",
            f"{LIST} has `cleangateway: 1`",
        ),
        (
            facts(annotations={IPPOOLS: '[{"interface": 0, "ipv4": ["a"]}]'}),
            "invalid-pool-annotation",
            f"{LIST} has an `interface` that is not a text",
        ),
        (
            facts(annotations={IPPOOLS: '[{"cleangateway": "yes", "ipv4": ["a"]}]'}),
            "invalid-pool-annotation",
            f'{LIST} has `cleangateway: "yes"`',
        ),
        (
            facts(annotations={IPPOOLS: '["a"]'}),
            "invalid-pool-annotation",
            f"{LIST} has an item that is not a JSON object",
        ),
        (
            facts(annotations={IPPOOLS: '[{"interface": 5, "ipv4": ["a"]}]'}),
            "invalid-pool-annotation",
            f"{LIST} has an `interface` that is not a text",
        ),
        (
            facts(annotations={IPPOOL: '{"ipv4": ["\\ud800"]}'}),
            "invalid-pool-annotation",
            f"{ANNOTATION} has escapes that are no characters",
        ),
        (
            facts(namespace=in_namespace(v4="a")),
            "invalid-pool-annotation",
            f"Namespace annotation `{NAMESPACE_KEYS[4]}` is not valid JSON: Expecting value: "
            "line 1 column 1 (char 0)",
        ),
        (
            facts(annotations={"ipam.spidernet.io/subnet": "{}"}),
            "not-supported",
            "Pod annotation `ipam.spidernet.io/subnet` is not supported",
        ),
    ],
)
def test_a_source_that_names_pools_wrongly_is_an_error(
    world: Facts, code: str, message: str
) -> None:
    with pytest.raises(CandidateError) as caught:
        chosen(world)
    assert (caught.value.code, caught.value.message) == (code, message)
    assert caught.value.hint


def test_pools_of_a_family_that_is_switched_off_say_so() -> None:
    world = facts(annotations={IPPOOL: '{"ipv6": ["v6-1"]}'})
    with pytest.raises(CandidateError) as caught:
        chosen(world, enabled=(4,))
    assert caught.value.message == f"{ANNOTATION} names IPv6 pools alone, and IPv6 is switched off"
    assert "config set enable_ipv6 on" in caught.value.hint


def test_deep_json_is_an_error_not_a_traceback() -> None:
    with pytest.raises(CandidateError, match="is not valid JSON"):
        chosen(facts(annotations={IPPOOL: "[" * 100_000}))


def test_an_unknown_namespace_may_name_pools_so_nothing_is_decided() -> None:
    missing = Unknown("namespace shop", "no such Namespace was applied", "apply it")
    with pytest.raises(UnknownFactsError) as caught:
        chosen(facts(namespace=missing))
    assert caught.value.message == "namespace shop is not known: no such Namespace was applied"
    assert caught.value.hint == "apply it"
    named = facts(annotations={IPPOOL: POD_ANNOTATION}, namespace=missing)
    assert chosen(named).families == {4: ["a", "b"]}, "nobody asks the Namespace then"


def test_unknown_names_come_with_their_nearest_neighbours() -> None:
    error = unknown_pools(["v4-3", "nothing-like-it"], "pod-ippool", KNOWN[4])
    assert error.message == f"{ANNOTATION} names unknown pools `v4-3`, `nothing-like-it`"
    assert error.hint == "for `v4-3` did you mean `v4-1` or `v4-2` or `v4-10`"
    assert error.code == "unknown-pool"
