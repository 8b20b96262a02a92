"""Decisions are kept with what they were decided on, and come out alike when they are replayed."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipam.allocate import allocate
from ipam.decision_file import decision_document, of_file, read_decision
from ipam.replay import replay, replay_current
from ipam.request import Request
from model.errors import (
    ConfigurationError,
    DecisionError,
    NoMatchingPoolError,
    NotFoundError,
    RuleError,
)
from model.kept_decisions import KeptDecision
from model.leases import Attachment, Release
from store.create import create_store
from store.store import Store
from tests.ipam.calls import (
    NOW,
    call,
    environment,
    k8s,
    make_store,
    namespace,
    network,
    pod,
    pool,
)
from tests.ipam.stateful import write

APP = {"matchLabels": {"app": "web"}}


def request(name: str = "web", container: str = "c1", nic: str = "eth0") -> Request:
    return Request(Attachment("node1", "net0", container, nic), "default", name)


def world(store: Store, *pools: str, now: int = NOW, **labels: str) -> None:
    web = pod("web", None, "default", **(labels or {"app": "web"}))
    write(store, *pools, namespace("default"), web, now=now)


def claimed(store: Store) -> KeptDecision:
    """The decision by which Pod default/web got its address."""
    lease = allocate(store, request(), NOW).leases[0]
    row = store.journal.of_address(lease.family, lease.address)[-1]
    kept = store.decisions.get(row.decision_id)
    assert kept is not None
    return kept


def refused(store: Store, name: str = "web", nic: str = "eth0", now: int = NOW) -> KeptDecision:
    with pytest.raises(DecisionError) as error:
        allocate(store, request(name, nic=nic), now)
    kept = store.decisions.get(error.value.decision_id)
    assert kept is not None
    return kept


def test_a_claim_names_the_decision_it_came_of(store: Store) -> None:
    world(store, pool("a", "10.0.0.1-10.0.0.9", default=True, podAffinity=APP))
    kept = claimed(store)
    assert (kept.outcome, kept.pod_text, kept.nic, kept.at_seconds) == (
        "claimed",
        "default/web",
        "eth0",
        NOW,
    )
    assert list(kept.claims) == [(4, "a", "10.0.0.1")]
    assert kept.rules_digest == store.pools.rules_digest()
    facts = kept.evidence["facts"]
    assert facts["pod"]["labels"] == {"app": "web"}
    assert facts["pod"]["seen"] == {"revision": "1", "source": "store", "atSeconds": NOW}
    assert facts["node"] == {
        "unknown": {
            "what": "node node1",
            "reason": "the store knows no Node `node1`",
            "hint": "apply it: `poolweaver apply -f node.yaml`",
        }
    }
    ((one,),) = [family["pools"] for family in kept.evidence["families"]]
    assert (one["pool"], one["outcome"], one["rank"]) == ("a", "eligible", 1)
    assert kept.texts[one["digest"]].text.startswith('rules 1\npool "a" {\n')


def test_both_families_of_a_claim_come_of_one_decision(store: Store) -> None:
    six = pool("six", "fd00::1-fd00::9", "fd00::/64", default=True)
    world(store, pool("four", "10.0.0.1", default=True), six)
    assert list(claimed(store).claims) == [(4, "four", "10.0.0.1"), (6, "six", "fd00::1")]


def test_a_repeated_add_decides_nothing_and_keeps_nothing(store: Store) -> None:
    world(store, pool("a", "10.0.0.1-10.0.0.9", default=True))
    first = claimed(store)
    allocate(store, request(), NOW)
    assert store.decisions.newest_number() == first.number


def test_a_refusal_is_kept_with_the_facts_it_saw(store: Store) -> None:
    world(store, pool("a", "10.0.0.1", default=True, podAffinity=APP), app="db")
    kept = refused(store)
    assert (kept.outcome, list(kept.claims)) == ("no-matching-pool", [])
    assert kept.evidence["facts"]["pod"]["labels"] == {"app": "db"}
    assert kept.evidence["error"]["code"] == "no-matching-pool"
    assert replay(kept).same


def test_of_an_interface_the_last_refusal_alone_is_kept(store: Store) -> None:
    world(store, pool("a", "10.0.0.1", default=True, podAffinity=APP), app="db")
    first, second = refused(store), refused(store, now=NOW + 9)
    other = refused(store, nic="net1")
    assert store.decisions.get(first.number) is None
    assert [one.number for one in store.decisions.refusals("default", "web")] == [
        second.number,
        other.number,
    ]
    assert second.number > first.number


def test_no_more_refusals_are_kept_than_their_bound(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.decisions.MOST_REFUSALS", 3)
    for number in range(5):
        with pytest.raises(DecisionError):
            allocate(store, request(f"ghost-{number}"), NOW)
    kept = [store.decisions.refusals("default", f"ghost-{number}") for number in range(5)]
    assert [len(one) for one in kept] == [0, 0, 1, 1, 1]


def test_a_refusal_that_cannot_be_kept_is_the_answer_all_the_same(tmp_path: Path) -> None:
    with create_store(tmp_path / "ipam.db") as store:
        world(store, pool("a", "10.0.0.1", default=True, podAffinity=APP), app="db")
        store.database.run("PRAGMA query_only = ON")
        with pytest.raises(NoMatchingPoolError) as error:
            allocate(store, request(), NOW)
        assert error.value.decision_id == 0


def test_a_refusal_holds_nothing_and_writes_nothing_but_itself(store: Store) -> None:
    world(store, pool("a", "10.0.0.1", default=True, podAffinity=APP), app="db")
    tables = [
        row[0]
        for row in store.database.rows(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        )
        if row[0] != "decision"
    ]
    before = [store.database.rows(f"SELECT * FROM {table}") for table in tables]
    refused(store)
    assert [store.database.rows(f"SELECT * FROM {table}") for table in tables] == before


def test_a_cni_error_names_its_decision_in_at_most_4_kib(tmp_path: Path) -> None:
    pools = "".join(
        pool(
            f"pool-{n}-{'x' * 40}",
            f"10.0.{n}.1",
            f"10.0.{n}.0/24",
            default=True,
            podAffinity={"matchLabels": {f"key-{n}-{'y' * 40}": "z"}},
        )
        for n in range(60)
    )
    db = make_store(tmp_path / "ipam.db", pools + pod("web") + namespace("default"))
    code, answer, _ = call(environment("ADD", args=k8s("web")), network(db))
    assert code == 1
    details = answer["details"].splitlines()
    assert "decision 1 is kept: `poolweaver replay 1`" in details
    assert len(answer["details"].encode()) <= 4096
    assert len([line for line in details if line.startswith("pool-")]) == 3
    counts = details[2].partition(": 60 pools: ")[2].split(", ")
    assert sum(int(count.partition(" ")[0]) for count in counts) == 60


def test_rule_texts_stay_while_a_decision_names_them_and_go_with_it(store: Store) -> None:
    world(store, pool("a", "10.0.0.1-10.0.0.9", default=True, podAffinity=APP))
    kept = claimed(store)
    world(store, pool("a", "10.0.0.1-10.0.0.9", default=True, nodeName=["node7"]))
    again = store.decisions.get(kept.number)
    assert again is not None
    assert again.texts == kept.texts
    assert replay(again).same
    store.journal.prune(NOW + 100, 0, 100)
    assert store.decisions.get(kept.number) == again  # the lease is still as the claim left it
    store.leases.execute([Release(request().attachment)], NOW + 1)
    store.journal.prune(NOW + 100, 0, 100)
    assert store.decisions.get(kept.number) is None
    assert store.database.rows("SELECT count(*) FROM rule_text") == [(1,)]


def test_old_refusals_are_forgotten_with_the_journal(store: Store) -> None:
    kept = refused(store)
    store.journal.prune(NOW, 0, 100)
    assert store.decisions.get(kept.number) == kept
    store.journal.prune(NOW + 1, 0, 100)
    assert store.decisions.get(kept.number) is None
    assert store.decisions.newest_number() == kept.number


def test_a_text_that_comes_back_is_in_use_again(store: Store) -> None:
    first = pool("a", "10.0.0.1-10.0.0.9", default=True, podAffinity=APP)
    world(store, first)
    claimed(store)
    world(store, pool("a", "10.0.0.1-10.0.0.9", default=True))
    world(store, first)
    used = store.database.rows("SELECT retired_after IS NULL FROM rule_text ORDER BY 1")
    assert used == [(0,), (1,)]
    store.leases.execute([Release(request().attachment)], NOW + 1)
    store.journal.prune(NOW + 100, 0, 100)
    assert store.pools.get("a") is not None


def test_a_decision_of_many_pools_keeps_a_few_and_counts_the_rest(store: Store) -> None:
    pools = [
        pool(f"p-{n}", f"10.0.{n}.1", f"10.0.{n}.0/24", default=True, podAffinity=APP)
        for n in range(50)
    ]
    world(store, *pools, app="db")
    (family,) = refused(store).evidence["families"]
    assert (family["considered"], family["complete"], len(family["pools"])) == (50, False, 32)
    assert family["histogram"] == [['podAffinity pod.label["app"]', 50]]


def test_a_long_annotation_that_decides_nothing_is_not_kept(store: Store) -> None:
    long = {"kubectl.kubernetes.io/last-applied-configuration": "x" * 5000, "note": "short"}
    document = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "namespace": "default", "annotations": long},
    }
    write(store, pool("a", "10.0.0.1", default=True), namespace("default"))
    write(store, "---\n" + json.dumps(document) + "\n")
    assert claimed(store).evidence["facts"]["pod"]["annotations"] == {"note": "short"}


def told(done: Any) -> tuple[str, str, str]:
    """What differs, the field, and what the check sees now."""
    assert done.difference is not None
    difference = done.difference
    return difference.what, difference.field, difference.now.actual if difference.now else ""


def test_with_what_is_current_the_first_difference_is_the_check_that_changed(store: Store) -> None:
    world(store, pool("a", "10.0.0.1-10.0.0.9", default=True, podAffinity=APP))
    kept = claimed(store)
    assert replay_current(store, kept).same
    world(store, app="db")
    what = "pool a was eligible, and is filtered now"
    assert told(replay_current(store, kept)) == (what, "podAffinity", "db")
    assert replay(kept).same
    done = replay_current(store, kept).to_json()["difference"]
    assert isinstance(done, dict)
    assert (done["family"], done["pool"]) == (4, "a")
    span = done["then"].pop("span")
    assert span.startswith("test.yaml:2:")
    assert done["then"] == {
        "outcome": "eligible",
        "expected": 'pod.label["app"] in {"web"}',
        "actual": "web",
        "note": None,
    }


def test_with_what_is_current_a_changed_pool_is_told(store: Store) -> None:
    world(store, pool("a", "10.0.0.1-10.0.0.9", default=True))
    kept = claimed(store)
    world(store, pool("a", "10.0.0.1-10.0.0.9", default=True, nodeName=["node7"]))
    what = "pool a was eligible, and is filtered now"
    assert told(replay_current(store, kept)) == (what, "nodeName", "node1")
    world(store, pool("a", "10.0.0.1-10.0.0.9", default=True, disable=True))
    assert told(replay_current(store, kept))[0] == "pool a was eligible, and is disabled now"
    write(store, pool("a", "10.0.0.1-10.0.0.9"))
    assert "no pool is named" in told(replay_current(store, kept))[0]


def test_with_what_is_current_a_full_pool_and_a_better_one_are_told(store: Store) -> None:
    spare = pool("b", "10.1.0.1-10.1.0.9", "10.1.0.0/16", default=True)
    world(store, pool("a", "10.0.0.1", default=True), spare)
    kept = claimed(store)
    store.leases.execute([Release(request().attachment)], NOW)
    write(store, pod("other"))
    assert allocate(store, request("other", "c2"), NOW).leases[0].pool == "a"
    assert told(replay_current(store, kept))[0] == (
        "pool a was chosen, and is full now; the next one is b"
    )
    better = pool("c", "10.2.0.1-10.2.0.9", "10.2.0.0/16", default=True, nodeName=["node1"])
    write(store, better, pool("a", "10.0.0.1-10.0.0.9", default=True))
    assert told(replay_current(store, kept))[0] == (
        "pool c is chosen now; it was no candidate that fits when a was"
    )


def test_with_what_is_current_the_address_that_was_given_is_no_difference(store: Store) -> None:
    """It is held by the very Pod that is asked about."""
    world(store, pool("a", "10.0.0.1", default=True), pool("b", "10.1.0.1", "10.1.0.0/16"))
    assert replay_current(store, claimed(store)).same


def test_with_what_is_current_a_refusal_that_is_over_is_told(store: Store) -> None:
    kept = refused(store)
    assert kept.outcome == "unknown-facts"
    assert replay(kept).same
    world(store, pool("a", "10.0.0.1", default=True))
    done = replay_current(store, kept)
    assert told(done)[0] == (
        "then refused with `unknown-facts` (pod default/web is not known: the store knows no Pod "
        "`default/web`), now an address of IPv4"
    )


@pytest.mark.parametrize(
    ("annotation", "code"),
    [
        ('{"ipv4": ["ghost"]}', "unknown-pool"),
        ('{"ipv4": ["gh*"]}', "no-candidate"),
        ('{"ipv4": "a"}', "invalid-pool-annotation"),
        ('{"ipv4": ["a", "a"]}', "duplicate-pool"),
    ],
)
def test_a_refusal_before_any_pool_is_looked_at_replays_alike(
    store: Store, annotation: str, code: str
) -> None:
    metadata = {
        "name": "web",
        "namespace": "default",
        "annotations": {"ipam.spidernet.io/ippool": annotation},
    }
    write(store, pool("a", "10.0.0.1"), namespace("default"))
    write(
        store,
        "---\n" + json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": metadata}) + "\n",
    )
    kept = refused(store)
    assert kept.outcome == code
    assert replay(kept).same


def exported(store: Store) -> dict[str, Any]:
    world(store, pool("a", "10.0.0.1-10.0.0.9", default=True, podAffinity=APP))
    document = json.loads(json.dumps(decision_document(claimed(store))))
    assert isinstance(document, dict)
    return document


def test_an_exported_decision_replays_without_a_store(store: Store) -> None:
    document = exported(store)
    kept = read_decision(document, "d.json")
    assert replay(kept).same
    assert decision_document(kept) == document


def test_an_exported_decision_whose_facts_were_changed_comes_out_otherwise(store: Store) -> None:
    document = exported(store)
    document["facts"]["pod"]["labels"]["app"] = "db"
    done = replay(read_decision(document, "d.json"))
    what = "pool a is judged otherwise: podAffinity held then"
    assert told(done) == (what, "podAffinity", "db")
    assert done.difference
    assert done.difference.then
    assert done.difference.then.note == "which held", "what it saw then stands in the facts alone"


def test_a_rule_text_that_is_lost_or_another_is_a_clear_error(store: Store) -> None:
    document = exported(store)
    (digest,) = document["rules"]
    document["rules"][digest]["text"] += " "
    with pytest.raises(NotFoundError) as error:
        replay(read_decision(document, "d.json"))
    number = document["id"]
    assert (error.value.code, error.value.message) == (
        "rule-text-missing",
        f"decision {number} cannot be replayed: the rule text of pool `a` is another than its "
        "digest says",
    )
    document["rules"] = {}
    with pytest.raises(NotFoundError) as error:
        replay(read_decision(document, "d.json"))
    assert error.value.message.endswith("the rule text of pool `a` is lost")


def test_a_rule_text_of_a_newer_language_is_a_clear_error(store: Store) -> None:
    document = exported(store)
    (digest,) = document["rules"]
    text = document["rules"].pop(digest)["text"].replace("rules 1", "rules 9")
    newer = sha256(text.encode()).hexdigest()
    document["rules"][newer] = {"language": 9, "text": text, "spans": []}
    document["families"][0]["pools"][0]["digest"] = newer
    with pytest.raises(RuleError) as error:
        replay(read_decision(document, "d.json"))
    assert error.value.code == "rule-version"


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"kind": "Pod"}, "it is no exported decision"),
        ({"version": 2}, "it has version `2`, and this program knows 1"),
        ({"facts": {}}, "a part of it is missing or of another shape"),
        ({"families": [{}]}, None),
        ({"at": "yesterday"}, "a part of it is missing or of another shape"),
        ({"claims": 7}, "a part of it is missing or of another shape"),
    ],
)
def test_a_file_that_is_no_decision_is_a_clear_error(
    store: Store, change: dict[str, Any], problem: str | None
) -> None:
    document = {**exported(store), **change}
    with pytest.raises(ConfigurationError) as error:
        of_file("d.json", lambda: replay(read_decision(document, "d.json")))
    assert error.value.code == "invalid-decision"
    assert error.value.message == (
        f"`d.json` cannot be replayed: {problem or 'a part of it is missing or of another shape'}"
    )


FIELDS: dict[str, list[Any]] = {
    "podAffinity": [{"matchLabels": {"app": "web"}}, {"matchLabels": {"app": "db"}}],
    "nodeName": [["node1"], ["node2"]],
    "nodeAffinity": [{"matchLabels": {"zone": "a"}}],
    "namespaceName": [["default"], ["other"]],
}
SPECS = st.fixed_dictionaries(
    {}, optional={field: st.sampled_from(values) for field, values in FIELDS.items()}
)


@settings(max_examples=25)
@given(
    specs=st.lists(SPECS, min_size=1, max_size=5),
    off=st.sets(st.integers(0, 4)),
    listed=st.booleans(),
    app=st.sampled_from(["web", "db"]),
)
def test_whatever_is_decided_replays_alike(
    tmp_path_factory: pytest.TempPathFactory,
    specs: list[dict[str, Any]],
    off: set[int],
    listed: bool,
    app: str,
) -> None:
    names = [f"p-{n}" for n in range(len(specs))]
    pools = [
        pool(
            name,
            f"10.0.{n}.1",
            f"10.0.{n}.0/24",
            default=True,
            **({"disable": True} if n in off else {}),
            **specs[n],
        )
        for n, name in enumerate(names)
    ]
    web = pod("web", list(reversed(names)) if listed else None, app=app)
    with create_store(tmp_path_factory.mktemp("law") / "ipam.db") as store:
        write(store, *pools, namespace("default"), web)
        try:
            number = 0
            lease = allocate(store, request(), NOW).leases[0]
            number = store.journal.of_address(4, lease.address)[-1].decision_id
        except DecisionError as error:
            number = error.decision_id
        kept = store.decisions.get(number)
        assert kept is not None
        assert replay(kept).difference is None
        document = json.loads(json.dumps(decision_document(kept)))
        assert replay(read_decision(document, "d")).difference is None
