"""One address, draining a pool, and what a Pod holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from ipam.allocate import allocate
from ipam.apply import apply
from ipam.release import release
from ipam.request import Request
from model.leases import Attachment
from store.create import create_store
from store.repair import check
from store.store import open_store
from tests.cli.conftest import Cli
from tests.ipam.calls import call, environment, network, pool

Add = Callable[..., str]
MANIFESTS = pool("a", "10.0.0.1-10.0.0.3", gateway="10.0.0.254") + pool(
    "six", "fd00::1-fd00::9", "fd00::/64"
)
POD = (
    "---\napiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: shop, uid: u-1, annotations: "
    '{ipam.spidernet.io/ippool: \'{"ipv4": ["a"], "ipv6": ["six"]}\'}}\n'
)


@pytest.fixture
def add(cli: Cli, db: Path) -> Add:
    """Give a container of Pod shop/web its addresses; the first of them."""
    cli("apply", "-f", "-", stdin=MANIFESTS + POD)

    def add(container: str = "c1", nic: str = "eth0") -> str:
        with open_store(str(db)) as store:
            attachment = Attachment("node1", "net0", container, nic)
            request = Request(attachment, "shop", "web", "u-1")
            return allocate(store, request, 1_700_000_000).leases[0].answer.address

    return add


def test_show_tells_pool_holder_decision_and_history(cli: Cli, add: Add) -> None:
    assert add() == "10.0.0.1/16"
    shown = cli("ip", "show", "10.0.0.1")
    assert shown.code == 0
    assert shown.out.splitlines()[:6] == [
        "10.0.0.1: bound",
        "  pool:        a",
        "  holder:      shop/web, interface eth0, node node1",
        "  container:   c1, network net0",
        "  since:       2023-11-14T22:13:20Z",
        "  decision:    pod-ippool: rank 1",
    ]
    assert "2023-11-14T22:13:20Z   claimed   a      shop/web   pod-ippool: rank 1" in shown.out
    document = json.loads(cli("ip", "show", "10.0.0.1", "-o", "json").out)
    assert (document["state"], document["holder"]["pod"]) == ("bound", "shop/web")


@pytest.mark.parametrize(
    ("address", "first_line"),
    [
        ("10.0.0.3", "10.0.0.3: free"),
        ("10.0.9.9", "10.0.9.9: in no pool"),
        ("FD00:0::5", "fd00::5: free"),
    ],
)
def test_show_tells_what_nobody_holds(cli: Cli, add: Add, address: str, first_line: str) -> None:
    assert cli("ip", "show", address).out.splitlines()[0] == first_line


def test_a_text_that_is_no_address_is_an_error_with_a_hint(cli: Cli, add: Add) -> None:
    result = cli("ip", "show", "10.0.0")
    assert result.code == 1
    assert result.err == (
        "error[invalid-argument]: `10.0.0` is not an IP address\n"
        "  hint: write one address, such as `10.6.168.151` or `fd00::1`\n"
    )


def test_a_reserved_address_is_not_handed_out_and_its_holder_not_disturbed(
    cli: Cli, add: Add, db: Path
) -> None:
    add()
    reserved = cli("ip", "reserve", "10.0.0.2")
    assert reserved.out == "10.0.0.2 is reserved by spiderreservedip/ip-10-0-0-2\n"
    held = cli("ip", "reserve", "10.0.0.1")
    assert held.err == "note: shop/web holds it and keeps it until it lets go\n"
    assert cli("ip", "show", "10.0.0.1").out.startswith("10.0.0.1: bound\n")
    answer = call(environment("ADD", "c9"), network(db, default_ipv4_ippool=["a"]))[1]
    assert answer["ips"][0]["address"] == "10.0.0.3/16"
    cli("delete", "spiderreservedip", "ip-10-0-0-2")
    answer = call(environment("ADD", "c10"), network(db, default_ipv4_ippool=["a"]))[1]
    assert answer["ips"][0]["address"] == "10.0.0.2/16"
    with open_store(str(db)) as store:
        assert check(store) == []


def test_apply_reports_a_held_address_that_it_reserves(cli: Cli, add: Add) -> None:
    add()
    reserved = (
        "apiVersion: spiderpool.spidernet.io/v2beta1\nkind: SpiderReservedIP\n"
        "metadata: {name: r}\nspec: {ips: [10.0.0.1-10.0.0.2]}\n"
    )
    result = cli("apply", "-f", "-", stdin=reserved)
    assert result.out == "spiderreservedip/r created\n"
    assert result.err == (
        "note: 10.0.0.1 is reserved, but shop/web holds it and keeps it until it lets go\n"
    )
    other = reserved.replace("10.0.0.1-10.0.0.2", '"fd00::1"')
    refused = cli("apply", "-f", "-", stdin=other)
    assert refused.code == 3
    assert "error[immutable-field]: `spec.ipVersion` cannot be changed from 4 to 6" in refused.err


def test_explain_says_what_the_interface_holds_and_which_it_has(cli: Cli, add: Add) -> None:
    add()
    shown = cli("explain", "pod", "shop/web", "--node", "node1").out
    assert "  note: holds 10.0.0.1 now: container c1 asking again gets it again\n" in shown
    other = cli("explain", "pod", "shop/web", "--node", "node1", "--nic", "net7").out
    assert "  note: the Pod has no interface net7, only eth0\n" in other


def test_explain_says_which_family_gets_nothing_for_want_of_a_match(cli: Cli, add: Add) -> None:
    """Spiderpool drops the family without a word."""
    cli("apply", "-f", "-", stdin=POD.replace('["six"]', '["zz*"]'))
    shown = cli("explain", "pod", "shop/web", "--node", "node1")
    assert shown.code == 0
    assert "  note: no IPv6 pool matches `zz*`: the Pod gets no IPv6 address\n" in shown.out


def test_release_needs_force_for_a_bound_address(cli: Cli, add: Add) -> None:
    add()
    refused = cli("ip", "release", "10.0.0.1")
    assert refused.code == 1
    assert "10.0.0.1 is bound to shop/web" in refused.err
    assert "--force" in refused.err
    done = cli("ip", "release", "--force", "10.0.0.1")
    assert done.code == 0
    assert done.out.startswith("10.0.0.1 of a is released; shop/web held it\n")
    assert cli("ip", "show", "10.0.0.1").out.startswith("10.0.0.1: resting\n")
    assert "poolweaver ip release" in cli("ip", "show", "10.0.0.1").out
    again = cli("ip", "release", "--force", "10.0.0.1")
    assert (again.code, "nobody holds 10.0.0.1" in again.err) == (1, True)


def test_endpoints_show_what_a_pod_holds_with_spiderpools_columns(cli: Cli, add: Add) -> None:
    add(nic="net1")
    add()
    assert cli("get", "spiderendpoint", "-n", "shop").out == (
        "NAME   INTERFACE   IPV4POOL   IPV4          IPV6POOL   IPV6         NODE\n"
        "web    eth0        a          10.0.0.2/16   six        fd00::2/64   node1\n"
    )
    document = yaml.safe_load(cli("get", "se", "web", "-n", "shop", "-o", "yaml").out)
    assert document["status"]["current"]["uid"] == "u-1"
    assert [item["interface"] for item in document["status"]["current"]["ips"]] == ["eth0", "net1"]
    assert document["status"]["current"]["ips"][0]["ipv4Gateway"] == "10.0.0.254"
    assert cli("get", "se").err == "No resources found in default namespace.\n"
    assert cli("describe", "se", "web", "-n", "shop").code == 0
    refused = cli("delete", "se", "web")
    assert (refused.code, "shown, not written" in refused.err) == (1, True)


def test_draining_stops_new_leases_and_deletes_the_pool_with_the_last(
    cli: Cli, add: Add, db: Path
) -> None:
    add()
    assert cli("delete", "sp", "a").code == 1
    drained = cli("delete", "sp", "a", "--drain")
    assert (drained.code, drained.out) == (0, "spiderippool/a draining: 1 address still held\n")
    error = call(environment("ADD", "c9"), network(db, default_ipv4_ippool=["a"]))[1]
    assert error["code"] == 101
    assert "a: the pool is terminating" in error["msg"]
    changed = cli("apply", "-f", "-", stdin=MANIFESTS)
    assert changed.code == 3
    assert "error[terminating-pool]: metadata.name: the pool `a` is being drained" in changed.err
    code, _, _ = call(environment("DEL", "c1"), network(db))
    assert code == 0
    assert cli("get", "sp", "-o", "name").out == "spiderippool/six\n"
    with open_store(str(db)) as store:
        assert check(store) == []


def test_a_drained_pool_is_shown_as_the_api_server_shows_it(cli: Cli, add: Add, db: Path) -> None:
    """So that what `get` prints, applied to an empty store, decides the same."""
    add()
    cli("delete", "sp", "a", "--drain")
    printed = cli("get", "sp", "a", "-o", "yaml").out
    assert "deletionTimestamp: " in printed
    other = db.parent / "other.db"
    with create_store(other) as store:
        apply(store, [("get.yaml", printed.encode())], 1)
        assert store.pools.serving(["a"])["a"].rules.terminating


def test_objects_are_deleted_by_the_files_that_name_them(
    cli: Cli, add: Add, tmp_path: Path
) -> None:
    (tmp_path / "all.yaml").write_text(MANIFESTS + POD)
    assert cli("delete", "-f", tmp_path / "all.yaml").out == (
        "spiderippool/a deleted\nspiderippool/six deleted\npod/web deleted\n"
    )
    assert cli("delete").code == 2
    assert cli("delete", "sp", "a", "-f", tmp_path).code == 2


def test_draining_an_empty_pool_deletes_it_at_once(cli: Cli, add: Add) -> None:
    assert cli("delete", "sp", "a", "--drain").out == "spiderippool/a deleted\n"


def test_a_second_interface_keeps_a_drained_pool_alive(cli: Cli, add: Add, db: Path) -> None:
    add()
    add(nic="net1")
    cli("delete", "sp", "a", "--drain")
    with open_store(str(db)) as store:
        release(store, Attachment("node1", "net0", "c1", "net1"), 1_700_000_001)
    assert "spiderippool/a\n" in cli("get", "sp", "-o", "name").out


def test_releasing_takes_the_interfaces_other_family_along(cli: Cli, add: Add, db: Path) -> None:
    """All families of an interface or none."""
    add()
    done = cli("ip", "release", "fd00::1", "--force")
    assert done.out == (
        "10.0.0.1 of a is released; shop/web held it\n"
        "fd00::1 of six is released; shop/web held it\n"
    )
    with open_store(str(db)) as store:
        assert store.leases.by_attachment(Attachment("node1", "net0", "c1", "eth0")) == []


def test_reserving_overwrites_nothing_and_reserved_twice_is_once(cli: Cli, add: Add) -> None:
    mine = (
        "apiVersion: spiderpool.spidernet.io/v2beta1\nkind: SpiderReservedIP\n"
        "metadata: {name: ip-10-0-0-2}\nspec: {ips: [10.0.0.1, 10.0.0.3]}\n"
    )
    cli("apply", "-f", "-", stdin=mine)
    assert (
        cli("ip", "reserve", "10.0.0.1").out
        == "10.0.0.1 is reserved by spiderreservedip/ip-10-0-0-2\n"
    )
    assert (
        cli("ip", "reserve", "10.0.0.2").out
        == "10.0.0.2 is reserved by spiderreservedip/ip-10-0-0-2-2\n"
    )
    assert cli("ip", "show", "10.0.0.3").out.startswith("10.0.0.3: reserved\n")


def test_two_pods_of_one_name_are_two_endpoints(cli: Cli, add: Add, db: Path) -> None:
    add()
    with open_store(str(db)) as store:
        cli("apply", "-f", "-", stdin=POD.replace("uid: u-1", "uid: u-2"))
        request = Request(Attachment("node1", "net0", "c2", "eth0"), "shop", "web", "u-2")
        allocate(store, request, 1_700_000_001)
    rows = cli("get", "se", "-n", "shop").out.splitlines()[1:]
    assert [row.split()[3] for row in rows] == ["10.0.0.1/16", "10.0.0.2/16"]


def test_a_drained_pool_goes_with_a_kept_address_that_ends(cli: Cli, add: Add, db: Path) -> None:
    add()
    cli("delete", "sp", "a", "--drain")
    cli("ip", "release", "10.0.0.1", "--force")
    assert cli("get", "sp", "-o", "name").out == "spiderippool/six\n"


@pytest.mark.parametrize("text", ["y", "N", "1e3", "0o7", "12e03", "null", "on", "07", "web"])
def test_what_get_prints_reads_back_whatever_its_texts_are(cli: Cli, text: str) -> None:
    manifest = pool("p", "10.0.0.1", podAffinity={"matchLabels": {"k": text}})
    cli("apply", "-f", "-", stdin=manifest)
    printed = cli("get", "sp", "-o", "yaml").out
    assert cli("apply", "-f", "-", stdin=printed).out == "spiderippool/p unchanged\n"


def test_a_dry_run_without_a_store_leaves_none(cli: Cli, db: Path) -> None:
    assert cli("apply", "--dry-run", "-f", "-", stdin=MANIFESTS).code == 0
    assert not db.exists()


@pytest.mark.parametrize("value", ["-1", "9" * 5000, "x"])
def test_a_setting_that_makes_no_sense_is_an_invalid_setting(
    cli: Cli, add: Add, value: str
) -> None:
    result = cli("config", "set", "quarantine_seconds", value)
    assert result.code == 1
    assert "error[invalid-setting]" in result.err
