"""`lint` told of the cluster: by a snapshot, by a store, by both."""

from __future__ import annotations

from pathlib import Path

from ipam.allocate import allocate
from ipam.request import Request
from model.leases import Attachment
from store.store import open_store
from tests.cli.conftest import Cli
from tests.lint.linting import pool
from tests.lint.worlds import NAMESPACES, NETWORKS, NODES, PODS, deployment

ALL = "---\n".join((NODES, NAMESPACES, PODS, NETWORKS))


def written(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_without_a_cluster_the_rules_that_need_one_are_counted(cli: Cli, tmp_path: Path) -> None:
    done = cli("lint", written(tmp_path, "p.yaml", pool("nodeName: [node9]")))
    assert done.code == 0
    assert done.err.startswith("info: ")
    assert done.err.endswith(
        " rules need to know the cluster and were not run; give them --snapshot FILE or --store\n"
    )
    assert done.out == "nothing found (1 valid pool in 1 file)\n"


def test_a_snapshot_says_which_nodes_there_are(cli: Cli, tmp_path: Path) -> None:
    file = written(tmp_path, "p.yaml", pool("nodeName: [node9]"))
    done = cli("lint", file, "--snapshot", written(tmp_path, "s.yaml", ALL))
    assert done.code == 3
    assert "warning[unknown-node]: the pool `web` is for the Node `node9`" in done.out
    assert done.out.endswith("1 warning (1 valid pool in 1 file)\n")
    assert done.err == ""


def test_what_a_snapshot_lacks_is_told_with_the_rules_that_need_it(
    cli: Cli, tmp_path: Path
) -> None:
    file = written(tmp_path, "p.yaml", pool("nodeName: [worker1]"))
    snapshot = written(tmp_path, "s.yaml", f"{NODES}---\n{PODS}---\n{NETWORKS}")
    done = cli("lint", file, "--snapshot", snapshot)
    assert done.code == 0
    assert "info: not run: " in done.err
    assert "unknown-namespace" in done.err
    assert done.err.endswith("(no Namespace is known)\n")
    assert "unknown-node" not in done.err


def test_the_store_says_which_nodes_there_are_and_its_settings_hold(
    cli: Cli, tmp_path: Path
) -> None:
    assert cli("apply", "-f", written(tmp_path, "s.yaml", ALL)).code == 0
    assert cli("config", "set", "namespace", "shop").code == 0
    file = written(tmp_path, "p.yaml", pool("nodeName: [node9]\nmultusName: [vlan2]"))
    done = cli("lint", file, "--store")
    assert done.code == 3
    assert "warning[unknown-node]" in done.out
    assert "unknown-network" not in done.out
    other = cli("lint", file, "--store", "--namespace", "kube-system")
    assert "warning[unknown-network]" in other.out


def test_an_invalid_snapshot_is_an_error_with_its_place(cli: Cli, tmp_path: Path) -> None:
    file = written(tmp_path, "p.yaml", pool())
    snapshot = written(tmp_path, "s.yaml", "apiVersion: v1\nkind: Node\nmetadata: {}\n")
    done = cli("lint", file, "--snapshot", snapshot)
    assert done.code == 3
    assert done.err.startswith(f"{snapshot}:3:")
    assert "error[missing-field]: `metadata.name` is missing" in done.err
    assert done.out == ""


def test_a_store_that_is_not_there_is_an_error(cli: Cli, tmp_path: Path) -> None:
    done = cli("lint", written(tmp_path, "p.yaml", pool()), "--store")
    assert done.code == 1
    assert "error[store-missing]" in done.err


def test_the_store_knows_what_is_held_by_pods_that_are_gone(
    cli: Cli, db: Path, tmp_path: Path
) -> None:
    text = pool("default: true\npodAffinity: {matchLabels: {app: web}}")
    plain = PODS.replace(
        "  annotations: {v1.multus-cni.io/default-network: kube-system/vlan1}\n", ""
    )
    world = "---\n".join((text, NODES, NAMESPACES, plain))
    assert cli("apply", "-f", written(tmp_path, "s.yaml", world)).code == 0
    with open_store(str(db)) as store:
        attachment = Attachment("worker1", "net", "container", "eth0")
        allocate(store, Request(attachment, "shop", "web-0", ""), 1000)
    workload = written(tmp_path, "w.yaml", deployment(replicas=6))
    assert "too-few-addresses" not in cli("lint", workload, "--store").out  # 6 and 2, of 9
    workload = written(tmp_path, "w.yaml", deployment(replicas=7))
    assert (
        "too-few-addresses" not in cli("lint", workload, "--store").out
    )  # the Pod asks for its own
    assert cli("delete", "pod", "web-0", "-n", "shop").code == 0
    done = cli("lint", workload, "--store")
    assert "asks for 9 IPv4 addresses" in done.out
    assert "the only pool that it may use, `web`, has 8 (of 9: 1 held by others)" in done.out
