from __future__ import annotations

import pytest

from tests.lint.linting import findings, found, pool, pools, the, underlined
from tests.lint.worlds import NAMESPACES, NODES, PODS, SMALL, deployment, world

POOL = pool("default: true\npodAffinity: {matchLabels: {app: web}}")
MINIMAL = pools(POOL, deployment(labels="app: wbe"))
NEAR_MISS = pools(POOL, deployment())
WORLD = SMALL
NAMED = 'ipam.spidernet.io/ippool: \'{"ipv4": ["web"]}\''
RULE = "uncovered-workload"


def test_it_names_the_nearest_pool_and_what_it_lacks() -> None:
    finding = the(RULE, MINIMAL, WORLD)
    assert finding.message == (
        "the Pods of Deployment `shop/shop` find no IPv4 pool; the nearest is `web`: "
        'podAffinity wants pod.label["app"] in {"web"}, but it is "wbe"'
    )
    assert finding.hint == (
        "let a pool admit them, or change their labels, namespace, network or nodes"
    )
    assert underlined(MINIMAL, finding) == "shop"
    assert (finding.object, finding.field) == ("Deployment/shop/shop", "metadata.name")
    assert [str(related.span) for related in finding.related] == ["f.yaml:9:31"]


def test_nodes_where_no_pool_serves_are_counted() -> None:
    text = pools(pool("default: true\nnodeName: [worker1]"), deployment())
    assert the(RULE, text, WORLD).message == (
        "the Pods of Deployment `shop/shop` find no IPv4 pool on `worker2`, one of the 2 Nodes where "
        'they may run; the nearest is `web`: nodeName wants node.name in {"worker1"}, but it is '
        '"worker2"'
    )


@pytest.mark.parametrize(
    "template",
    [
        "nodeName: worker1",
        "nodeSelector: {zone: a}",
        "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
        "{nodeSelectorTerms: [{matchExpressions: [{key: zone, operator: In, values: [a]}]}]}}}",
        "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
        "{nodeSelectorTerms: [{matchFields: [{key: metadata.name, operator: NotIn, values: [worker2]}]}]}}}",
        "hostNetwork: true",
    ],
)
def test_nodes_where_its_pods_never_run_do_not_count(template: str) -> None:
    text = pools(pool("default: true\nnodeName: [worker1]"), deployment(template=template))
    assert found(text, WORLD) == []


TAINTED = """\
apiVersion: v1
kind: Node
metadata: {name: worker3}
spec: {taints: [{key: dedicated, value: db, effect: NoSchedule}]}
"""
CORDONED = "apiVersion: v1\nkind: Node\nmetadata: {name: worker3}\nspec: {unschedulable: true}\n"


@pytest.mark.parametrize(
    ("node", "kind", "template", "is_found"),
    [
        (TAINTED, "Deployment", "", False),
        (TAINTED, "Deployment", "tolerations: [{operator: Exists}]", True),
        (TAINTED, "Deployment", "tolerations: [{key: dedicated, value: db}]", True),
        (TAINTED, "Deployment", "tolerations: [{key: dedicated, value: web}]", False),
        (
            TAINTED,
            "Deployment",
            "tolerations: [{key: dedicated, operator: Exists, effect: NoExecute}]",
            False,
        ),
        (TAINTED, "DaemonSet", "", False),
        (CORDONED, "Deployment", "", False),
        (CORDONED, "DaemonSet", "", True),
    ],
)
def test_taints_keep_pods_away_that_do_not_tolerate_them(
    node: str, kind: str, template: str, is_found: bool
) -> None:
    nodes = world(NODES, node, NAMESPACES, PODS)
    text = pools(
        pool("default: true\nnodeName: [worker1, worker2]"),
        deployment(kind=kind, template=template),
    )
    assert (RULE in found(text, nodes)) is is_found


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"])
def test_each_kind_of_workload_is_looked_at(kind: str) -> None:
    text = pools(POOL, deployment(labels="app: wbe", kind=kind))
    assert f"the Pods of {kind} `shop/shop` find no IPv4 pool" in the(RULE, text, WORLD).message


def test_pools_that_the_pod_names_are_the_only_candidates() -> None:
    other = pool("podAffinity: {matchLabels: {app: other}}", name="web")
    text = pools(other, deployment(annotations=NAMED))
    finding = the(RULE, text, world(NODES, NAMESPACES))
    assert "the nearest is `web`: podAffinity wants" in finding.message


def test_a_name_of_no_pool_is_told_with_the_nearest() -> None:
    text = pools(pool(name="wep"), deployment(annotations=NAMED))
    finding = the(RULE, text, world(NODES, NAMESPACES))
    assert finding.message == (
        "the Pods of Deployment `shop/shop` get no address: Pod annotation `ipam.spidernet.io/ippool` "
        "names unknown pool `web`"
    )
    assert finding.hint == "for `web` did you mean `wep`"


def test_another_interface_is_named() -> None:
    text = pools(
        pool("default: true\nmultusName: [vlan1]"),
        deployment(annotations="k8s.v1.cni.cncf.io/networks: shop/vlan2"),
    )
    assert the(RULE, text, WORLD).message == (
        "the Pods of Deployment `shop/shop` find no IPv4 pool for the interface `net1`; the nearest is "
        '`web`: multusName wants nic.network in {"kube-system/vlan1"}, but it is "shop/vlan2"'
    )


@pytest.mark.parametrize(("plugin", "is_found"), [("whereabouts", False), ("spiderpool", True)])
def test_a_network_of_another_plugin_is_none_of_ours(plugin: str, is_found: bool) -> None:
    network = (
        "apiVersion: k8s.cni.cncf.io/v1\nkind: NetworkAttachmentDefinition\n"
        "metadata: {name: vlan3, namespace: shop}\n"
        f'spec: {{config: \'{{"type": "macvlan", "ipam": {{"type": "{plugin}"}}}}\'}}\n'
    )
    text = pools(
        pool("default: true\nmultusName: [vlan1]"),
        network,
        deployment(annotations="k8s.v1.cni.cncf.io/networks: shop/vlan3"),
    )
    assert (RULE in found(text, WORLD)) is is_found


def test_pods_without_annotation_are_somebody_elses_where_every_pool_is_for_a_network() -> None:
    text = pools(pool("default: true\nmultusName: [vlan1]"), deployment())
    assert RULE not in found(text, WORLD)


def test_where_no_pool_is_default_nobody_asks() -> None:
    assert RULE not in found(pools(pool(), deployment()), WORLD)


def test_pods_of_a_namespace_that_is_not_known_are_passed_over() -> None:
    text = MINIMAL.replace("namespace: shop", "namespace: elsewhere")
    assert found(text, WORLD) == []


def test_both_families_are_told_apart() -> None:
    six = POOL.replace("name: web", "name: web6").replace("10.6.0.0/16", "fd00::/64")
    six = six.replace("10.6.1.1-10.6.1.9", "fd00::1-fd00::9").replace("app: web", "app: six")
    labels = PODS.replace("name: web-0", "name: six-0").replace("app: web", "app: six")
    text = pools(POOL, six, deployment())
    (finding,) = [
        one for one in findings(text, world(NODES, NAMESPACES, PODS, labels)) if one.rule == RULE
    ]
    assert "find no IPv6 pool; the nearest is `web6`" in finding.message


def test_a_workload_of_the_world_is_looked_at_and_stands_in_its_file() -> None:
    known = world(NODES, NAMESPACES, PODS, deployment(labels="app: wbe"))
    finding = the(RULE, POOL, known)
    assert str(finding.span) == "snapshot-3.yaml:3:18"


def test_what_makes_pods_speaks_for_them() -> None:
    pod = """\
apiVersion: v1
kind: Pod
metadata:
  name: shop-abc-1
  namespace: shop
  labels: {app: wbe, pod-template-hash: abc}
  ownerReferences: [{apiVersion: apps/v1, kind: ReplicaSet, name: shop-abc, uid: x, controller: true}]
"""
    text = pools(POOL, deployment(labels="app: wbe"), pod)
    assert found(text, WORLD) == [RULE]
    assert the(RULE, text, WORLD).object == "Deployment/shop/shop"


def test_a_pod_that_belongs_to_nobody_is_told_unless_it_runs() -> None:
    waiting = PODS.replace("name: web-0", "name: wbe-0").replace("app: web", "app: wbe")
    text = pools(POOL, waiting)
    assert RULE not in found(text, WORLD)
    finding = the(RULE, text.replace("status: {phase: Running}\n", ""), WORLD)
    assert finding.message.startswith("Pod `shop/wbe-0` finds no IPv4 pool; the nearest is `web`")
