"""What a store has compiled of its pools, whatever edits led there, is what compiling them gives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipam.apply import apply
from store.create import create_store
from store.repair import check
from store.store import Store
from tests.ipam.anchored import clear
from tests.ipam.calls import NOW

WORDS = st.sampled_from(["a", "b", "c"])
LABELS = st.dictionaries(st.sampled_from(["k", "l"]), WORDS, min_size=1, max_size=2)
EXPRESSIONS = st.builds(
    lambda key, operator, values: {
        "key": key,
        "operator": operator,
        **({"values": values} if operator in ("In", "NotIn") else {}),
    },
    WORDS,
    st.sampled_from(["In", "NotIn", "Exists", "DoesNotExist"]),
    st.lists(WORDS, min_size=1, max_size=3, unique=True),
)
SELECTORS = st.one_of(
    LABELS.map(lambda labels: {"matchLabels": labels}),
    st.lists(EXPRESSIONS, min_size=1, max_size=2).map(lambda found: {"matchExpressions": found}),
)
NAMES = st.lists(WORDS, min_size=1, max_size=3, unique=True)
FIELDS = {
    "podAffinity": SELECTORS,
    "namespaceAffinity": SELECTORS,
    "nodeAffinity": SELECTORS,
    "nodeName": NAMES,
    "namespaceName": NAMES,
    "multusName": NAMES,
    "default": st.booleans(),
    "disable": st.booleans(),
}
SPECS = st.fixed_dictionaries({}, optional=FIELDS)
ANNOTATIONS = st.fixed_dictionaries(
    {},
    optional={
        "poolweaver.io/priority": st.integers(-3, 3).map(str),
        "poolweaver.io/require": st.sampled_from(
            ['require pod.name matches "web-*";', 'require pod.label["k"] in {"a", "b"};']
        ),
    },
)
# number of the pool; what its manifest says now, or None where it is deleted
EDITS = st.lists(
    st.tuples(st.integers(0, 5), st.one_of(st.none(), st.tuples(SPECS, ANNOTATIONS))), max_size=12
)

COMPILED = (
    "SELECT name, family, subnet_first, prefix_bits, gateway, routes, body, priority, is_default, "
    "disabled, terminating, pool.digest, rule_digest, ranges, total, manifest, sort, alternatives, "
    "weight, text, language FROM pool JOIN rule_text ON rule_text.digest = rule_digest ORDER BY name"
)


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store]]:
    folder = tmp_path_factory.mktemp("laws")
    with create_store(folder / "edited.db") as edited, create_store(folder / "fresh.db") as fresh:
        for store in (edited, fresh):
            store.database.run("PRAGMA synchronous = OFF")
        yield edited, fresh


def manifest(number: int, spec: dict[str, Any], annotations: dict[str, str]) -> dict[str, Any]:
    ips = {"subnet": f"10.{number}.0.0/16", "ips": [f"10.{number}.0.1-10.{number}.0.9"]}
    return {
        "apiVersion": "spiderpool.spidernet.io/v2beta1",
        "kind": "SpiderIPPool",
        "metadata": {"name": f"p-{number}", "annotations": annotations},
        "spec": {**ips, **spec},
    }


def write(store: Store, *manifests: object) -> None:
    text = "".join(f"---\n{json.dumps(one)}\n" for one in manifests)
    apply(store, [("test.yaml", text.encode())], NOW)


@given(EDITS)
def test_stored_rules_ranks_and_digests_are_those_of_a_fresh_compile(
    stores: tuple[Store, Store],
    edits: list[tuple[int, tuple[dict[str, Any], dict[str, str]] | None]],
) -> None:
    edited, fresh = stores
    clear(edited)
    clear(fresh)
    for number, change in edits:
        if change is not None:
            write(edited, manifest(number, *change))
        elif edited.pools.get(f"p-{number}"):
            edited.writer.delete_pool(f"p-{number}", "", NOW)
    write(fresh, *[pool.manifest for pool in edited.pools.list()])
    assert edited.database.rows(COMPILED) == fresh.database.rows(COMPILED)
    assert edited.pools.rules_digest() == fresh.pools.rules_digest()
    assert check(edited) == []
