from __future__ import annotations

import pytest

from policy.lint.world import World, WorldPool
from tests.lint.linting import findings, found, linted, pool, pools, the, underlined
from tests.lint.worlds import NAMESPACES, NODES, PODS, SMALL, deployment, world

POOL = pool("default: true\npodAffinity: {matchLabels: {app: web}}")  # nine addresses
MINIMAL = pools(POOL, deployment(replicas=8))
NEAR_MISS = pools(POOL, deployment(replicas=7))
WORLD = SMALL
RULE = "too-few-addresses"
BARE = world(NODES, NAMESPACES)  # no Pod asks beside the workloads


def test_it_counts_the_surge_of_a_rolling_update() -> None:
    finding = the(RULE, MINIMAL, WORLD)
    assert finding.message == (
        "Deployment `shop/shop` asks for 10 IPv4 addresses (8 for its Pods, and 2 more during a "
        "rolling update), and the only pool that it may use, `web`, has 9"
    )
    assert finding.hint == "add 1 address to it, or lower `replicas` or `maxSurge`"
    assert underlined(MINIMAL, finding) == "8"
    assert (finding.object, finding.field) == ("Deployment/shop/shop", "spec.replicas")
    assert [str(related.span) for related in finding.related] == ["f.yaml:7:8"]


@pytest.mark.parametrize(
    ("replicas", "strategy", "is_found"),
    [
        (7, "", False),  # 7 + 2
        (8, "", True),  # 8 + 2
        (9, "type: Recreate", False),
        (10, "type: Recreate", True),
        (8, "rollingUpdate: {maxSurge: 1}", False),
        (8, "rollingUpdate: {maxSurge: 2}", True),
        (9, "rollingUpdate: {maxSurge: 0}", False),
        (6, "rollingUpdate: {maxSurge: 50%}", False),  # 6 + 3
        (7, "rollingUpdate: {maxSurge: 30%}", True),  # 7 + 2.1, rounded up
        (0, "rollingUpdate: {maxSurge: 20}", False),
    ],
)
def test_surge_is_what_kubernetes_makes_of_it(replicas: int, strategy: str, is_found: bool) -> None:
    spec = f"strategy: {{{strategy}}}" if strategy else ""
    text = pools(POOL, deployment(replicas=replicas, spec=spec))
    assert (RULE in found(text, BARE)) is is_found


@pytest.mark.parametrize(("kind", "most"), [("StatefulSet", 9), ("ReplicaSet", 9)])
def test_other_workloads_have_no_surge(kind: str, most: int) -> None:
    assert found(pools(POOL, deployment(replicas=most, kind=kind)), BARE) == []
    text = pools(POOL, deployment(replicas=most + 1, kind=kind))
    assert "asks for 10 IPv4 addresses, and the only pool" in the(RULE, text, BARE).message


def test_a_daemon_set_asks_for_one_a_node() -> None:
    few = POOL.replace("10.6.1.1-10.6.1.9", "10.6.1.1")
    finding = the(RULE, pools(few, deployment(kind="DaemonSet")), BARE)
    assert finding.message == (
        "DaemonSet `shop/shop` asks for 2 IPv4 addresses (one on each of 2 Nodes), and the only pool "
        "that it may use, `web`, has 1"
    )
    assert finding.hint == "add 1 address to it, or let it run on fewer Nodes"


def test_a_daemon_set_has_too_few_on_some_nodes_alone() -> None:
    one = pool("default: true\nnodeAffinity: {matchLabels: {zone: a}}", name="a", block=1)
    two = pool("default: true\nnodeAffinity: {matchLabels: {zone: b}}", name="b", block=2)
    nodes = world(NODES, NODES.replace("worker", "other"), NAMESPACES)
    text = pools(one.replace("10.6.1.1-10.6.1.9", "10.6.1.1"), two, deployment(kind="DaemonSet"))
    finding = the(RULE, text, nodes)
    assert "asks for 2 IPv4 addresses (one on each of 2 Nodes)" in finding.message
    assert finding.message.endswith("the only pool that it may use, `a`, has 1")


def test_workloads_that_share_pools_are_counted_together_without_surge() -> None:
    text = pools(POOL, deployment("a", replicas=5), deployment("b", replicas=5))
    finding = the(RULE, text, BARE)
    assert finding.message == (
        "Deployment `shop/a` (5), Deployment `shop/b` (5) ask together for 10 IPv4 addresses, and the "
        "only pool that they may use, `web`, has 9"
    )
    assert finding.hint == "add 1 address to it, or ask for fewer"
    assert finding.object == "Deployment/shop/a"
    assert [related.message for related in finding.related] == [
        "the pool `web`",
        "Deployment `shop/b`",
    ]
    assert found(pools(POOL, deployment("a", replicas=5), deployment("b", replicas=4)), BARE) == []


def test_who_may_use_another_pool_makes_room() -> None:
    more = pool("default: true\npodAffinity: {matchLabels: {tier: a}}", name="more", block=2)
    a = deployment("a", labels="app: web, tier: a", replicas=7)
    b = deployment("b", labels="app: web, tier: b", replicas=7)
    assert RULE not in found(pools(POOL, more, a, b), BARE)
    c = deployment("c", labels="tier: a, app: other", replicas=7)
    finding = the(RULE, pools(POOL, more, a, b, c), BARE)
    assert "ask together for 21 IPv4 addresses, and the 2 pools that they may use have 18" in (
        finding.message
    )


def test_pods_that_belong_to_nobody_ask_too() -> None:
    text = pools(
        POOL,
        deployment(replicas=7),
        PODS,
        PODS.replace("web-0", "web-1"),
        PODS.replace("web-0", "web-2"),
    )
    finding = the(RULE, text, BARE)
    assert "Deployment `shop/shop` (7), Pod `shop/web-0` (1)" in finding.message


def test_two_interfaces_take_two_addresses() -> None:
    nets = "k8s.v1.cni.cncf.io/networks: kube-system/vlan1"
    assert (
        found(pools(POOL, deployment(replicas=4, kind="StatefulSet", annotations=nets)), BARE) == []
    )
    text = pools(POOL, deployment(replicas=5, kind="StatefulSet", annotations=nets))
    assert "asks for 10 IPv4 addresses" in the(RULE, text, BARE).message


def test_reserved_addresses_are_left_out() -> None:
    reserved = (
        "apiVersion: spiderpool.spidernet.io/v2beta1\nkind: SpiderReservedIP\n"
        "metadata: {name: r}\nspec: {ips: [10.6.1.1-10.6.1.2]}\n"
    )
    finding = the(RULE, pools(POOL, reserved, deployment(replicas=6)), BARE)
    assert finding.message.endswith("`web`, has 7 (of 9: 2 reserved)")


def test_addresses_that_strangers_hold_are_left_out_and_those_of_who_asks_are_not() -> None:
    text = pools(POOL, deployment("web", replicas=8, kind="StatefulSet"))
    (own,) = linted(POOL).pools

    def held(*holders: tuple[str, str]) -> World:
        return World(BARE.objects, pools=[WorldPool(own.rules, own.addresses, holders)])

    assert found(text, held(("shop", "web-0"), ("shop", "web-7"))) == []
    finding = the(RULE, text, held(("shop", "web-0"), ("", ""), ("old", "gone-1")))
    assert finding.message.endswith("`web`, has 7 (of 9: 2 held by others)")


def test_a_workload_known_from_a_store_alone_has_no_place_and_is_told() -> None:
    known = world(NODES, NAMESPACES, deployment(replicas=20))
    (finding,) = findings(POOL, World(known.objects))
    assert (finding.rule, str(finding.span)) == (RULE, "store:1:1")
    assert (finding.object, finding.field) == ("Deployment/shop/shop", "spec.replicas")


def test_who_finds_no_pool_is_left_to_another_rule() -> None:
    text = pools(POOL, deployment(labels="app: wbe", replicas=50))
    assert RULE not in found(text, WORLD)


def test_jobs_ask_while_they_run() -> None:
    job = """\
apiVersion: batch/v1
kind: Job
metadata: {name: job, namespace: shop}
spec:
  parallelism: 12
  completions: COUNT
  SUSPEND
  template: {metadata: {labels: {app: web}}}
"""
    runs = job.replace("SUSPEND\n", "backoffLimit: 1\n")
    assert found(pools(POOL, runs.replace("COUNT", "9")), BARE) == []
    assert (
        "Job `shop/job` asks for 12"
        in the(RULE, pools(POOL, runs.replace("COUNT", "20")), BARE).message
    )
    asleep = job.replace("SUSPEND\n", "suspend: true\n").replace("COUNT", "20")
    assert found(pools(POOL, asleep), BARE) == []
