"""IMPORT: what Spiderpool holds, taken over whole or not at all."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from ipam.allocate import allocate
from ipam.apply import apply
from ipam.import_spiderpool import ImportReport, import_spiderpool
from ipam.request import Request
from model.addresses import address_text
from model.errors import InvalidManifestsError, ManifestError, StoreBusyError, StoreError
from model.leases import Answer, Attachment, Holder, Lease
from store.create import create_store
from store.repair import check
from store.store import Store, open_store
from tests.ipam.calls import NOW
from tests.store.processes import start

CASE = Path(__file__).parents[1] / "cases" / "spiderpool-state.yaml"
STATE = CASE.read_text(encoding="utf-8")
WEB_1, WEB_2 = "web-6c8f7d9b5d-4xk2p", "web-6c8f7d9b5d-nm8qz"
UID_1, UID_2 = "0b0e9a57-3f0b-4c57-9d5e-5a6a1f7e2c11", "f3a6d2c8-8f6d-4f0c-a4de-0d8d8b3f9e22"
UID_DB = "7c2b8e54-6a0e-4ee8-8a3c-5d1e9f4b6a33"
POOLS = ("data-v4", "shop-v4", "shop-v6", "spare-v4", "storage-v4")


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with create_store(tmp_path / "ipam.db", busy_seconds=0.1) as opened:
        yield opened


def bring(store: Store, text: str = STATE, **options: bool) -> ImportReport:
    return import_spiderpool(store, [("state.yaml", text.encode())], NOW, **options)


def content(store: Store) -> list[str]:
    """Everything in the file."""
    with closing(sqlite3.connect(store.database.path)) as connection:
        return list(connection.iterdump())


def held(store: Store) -> dict[str, Lease]:
    leases = [lease for name in POOLS for lease in store.leases.by_pool(name)]
    return {address_text(lease.family, lease.address): lease for lease in leases}


def errors_of(store: Store, text: str) -> list[ManifestError]:
    """Why an import is refused; it has changed nothing."""
    before = content(store)
    with pytest.raises(InvalidManifestsError) as caught:
        bring(store, text)
    assert content(store) == before
    return list(caught.value.errors)


def told(error: ManifestError) -> tuple[str, str, str, str]:
    return str(error.span), error.code, error.message, error.hint


def test_pools_reserved_and_held_addresses_are_taken_over(store: Store) -> None:
    assert bring(store) == ImportReport(
        pools=Counter(created=5),
        reserved=Counter(created=1),
        others=Counter(),
        addresses=Counter({"taken over": 6}),
        pods=3,
        left_out=(),
        at_large=(),
        skipped={},
    )
    assert [pool.name for pool in store.pools.list()] == list(POOLS)
    assert [one.name for one in store.objects.list("SpiderReservedIP")] == [
        "gateways-and-appliances"
    ]
    assert sorted(held(store)) == [
        "10.6.168.151", "10.6.168.153", "10.7.0.10", "10.8.0.10", "fd00:6::100", "fd00:6::101",
    ]  # fmt: skip
    assert check(store) == []


def test_a_lease_says_who_holds_it_where_and_what_the_pod_was_told(store: Store) -> None:
    bring(store)
    lease = held(store)["10.6.168.151"]
    assert lease.replace(rules_digest="", revision="") == Lease(
        4,
        lease.address,
        "shop-v4",
        "bound",
        Attachment("worker1", "imported", UID_1, "eth0"),
        Holder("shop", WEB_1, UID_1, f"pod/shop/{WEB_1}/{UID_1}/eth0"),
        Answer(
            "10.6.168.151/16",
            "10.6.0.1",
            (("172.16.0.0/12", "10.6.0.2"), ("0.0.0.0/0", "10.6.0.1")),
        ),
        NOW,
        decision="imported from Spiderpool",
    )
    assert lease.rules_digest == store.pools.rules_digest()


def test_routes_go_to_their_family_and_cleangateway_leaves_the_default_route_out(
    store: Store,
) -> None:
    bring(store)
    answers = {text: lease.answer for text, lease in held(store).items()}
    assert answers["fd00:6::100"] == Answer(
        "fd00:6::100/112", "fd00:6::1", (("::/0", "fd00:6::1"),)
    )
    assert answers["10.6.168.153"] == Answer(
        "10.6.168.153/16", "10.6.0.1", (("172.16.0.0/12", "10.6.0.2"),)
    )
    assert answers["fd00:6::101"] == Answer("fd00:6::101/112", "fd00:6::1", ())
    assert answers["10.7.0.10"] == Answer("10.7.0.10/16", "", (("192.168.0.0/16", "10.7.0.1"),))


def test_a_pod_of_a_statefulset_holds_by_name_unless_that_is_switched_off(tmp_path: Path) -> None:
    wanted = {"on": "statefulset/data/db/db-0/net1", "off": f"pod/data/db-0/{UID_DB}/net1"}
    for switch, tenant in wanted.items():
        with create_store(tmp_path / f"{switch}.db") as store:
            store.settings.set("enable_statefulset", switch)
            bring(store)
            assert held(store)["10.7.0.10"].holder == Holder("data", "db-0", UID_DB, tenant)


def test_both_families_of_an_interface_are_one_claim(store: Store) -> None:
    bring(store)
    tenant = f"pod/shop/{WEB_1}/{UID_1}/eth0"
    assert [one.answer.address for one in store.leases.by_tenant(tenant)] == [
        "10.6.168.151/16",
        "fd00:6::100/112",
    ]


def test_a_held_address_that_is_reserved_stays_with_its_holder(store: Store) -> None:
    bring(store)
    assert "10.6.168.153" in held(store)
    usage = store.pools.usage(["shop-v4"])["shop-v4"]
    assert (usage.total, usage.allocated, usage.free) == (10, 2, 7)


def test_a_disabled_pool_hands_out_nothing_and_keeps_its_holders(store: Store) -> None:
    bring(store)
    pool = store.pools.get("data-v4")
    assert pool is not None
    assert pool.serving.rules.disabled
    assert store.pools.usage(["data-v4"])["data-v4"].allocated == 1


def test_importing_twice_changes_nothing(store: Store) -> None:
    bring(store)
    before = content(store)
    report = bring(store)
    assert (report.pools, report.reserved, report.addresses, report.pods) == (
        Counter(unchanged=5),
        Counter(unchanged=1),
        Counter(unchanged=6),
        3,
    )
    assert content(store) == before


def test_a_dry_run_reports_the_same_and_keeps_nothing(store: Store) -> None:
    before = content(store)
    dry = bring(store, dry_run=True)
    assert content(store) == before
    assert dry == bring(store)


def test_objects_that_stand_beside_are_taken_over_too_and_others_counted(store: Store) -> None:
    more = (
        "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
        "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\n"
        "---\napiVersion: spiderpool.spidernet.io/v2beta1\nkind: SpiderSubnet\n"
        "metadata: {name: s}\n"
    )
    report = bring(store, STATE + more)
    assert (report.others, report.skipped) == (
        Counter(created=1),
        {"Secret": 1, "SpiderSubnet": 1},
    )


# --- the Pods go on


def request(pod: str, uid: str, namespace: str = "shop", nic: str = "eth0") -> Request:
    return Request(Attachment("worker1", "pods", "new", nic), namespace, pod, uid)


def test_the_next_sandbox_of_a_pod_takes_its_addresses_over(store: Store) -> None:
    bring(store)
    allocation = allocate(store, request(WEB_1, UID_1), NOW + 1)
    assert allocation.how == "taken-over"
    assert [lease.answer.address for lease in allocation.leases] == [
        "10.6.168.151/16",
        "fd00:6::100/112",
    ]
    assert held(store)["10.6.168.151"].attachment == request(WEB_1, UID_1).attachment


def test_after_that_the_same_import_leaves_the_new_sandbox_alone(store: Store) -> None:
    bring(store)
    allocate(store, request(WEB_1, UID_1), NOW + 1)
    before = content(store)
    assert bring(store).addresses == Counter(unchanged=6)
    assert content(store) == before


DB = """
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db, namespace: data}
spec:
  replicas: 1
  selector: {matchLabels: {app: db}}
  template: {metadata: {labels: {app: db}}}
---
apiVersion: v1
kind: Pod
metadata:
  name: db-0
  namespace: data
  uid: 11111111-0000-4000-8000-000000000000
  annotations: {ipam.spidernet.io/ippool: '{"ipv4": ["data-v4"]}'}
  ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: db, uid: s, controller: true}]
spec: {nodeName: worker1}
"""


def test_the_next_pod_of_a_statefulset_takes_its_address_over(store: Store) -> None:
    bring(store)
    apply(store, [("db.yaml", DB.encode())], NOW)
    uid = "11111111-0000-4000-8000-000000000000"
    allocation = allocate(store, request("db-0", uid, "data"), NOW + 1)
    assert allocation.how == "taken-over"
    assert [lease.answer.address for lease in allocation.leases] == ["10.8.0.10/24"]


def test_nobody_else_gets_an_address_that_was_taken_over(store: Store) -> None:
    bring(store)
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: new, namespace: shop, labels: {app: web}}\n"
    space = "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
    apply(store, [("pod.yaml", (pod + space).encode())], NOW)
    leases = allocate(store, request("new", ""), NOW + 1).leases
    assert [lease.answer.address for lease in leases] == ["10.6.168.154/16", "fd00:6::102/112"]


# --- what cannot be taken over


class Refused(NamedTuple):
    name: str
    old: str
    new: str
    place: str
    code: str
    message: str
    hint: str


UNEDITED = "this is written by Spiderpool alone: export it again, unedited"
SUBNET = "a pool's subnet does not change while it is used: export both again, or restart the Pod"
ROWS = [
    Refused(
        "an address that is not in its pool",
        "- 10.7.0.10-10.7.0.19",
        "- 10.7.0.11-10.7.0.19",
        "191:15",
        "address-outside-pool",
        "`10.7.0.10` is not among the addresses of the pool `storage-v4`",
        "add it to `spec.ips` of the pool, and leave it out of `spec.excludeIPs`",
    ),
    Refused(
        "an address that its pool excludes",
        "    - 10.7.0.10-10.7.0.19\n",
        "    - 10.7.0.10-10.7.0.19\n    excludeIPs: [10.7.0.10]\n",
        "192:15",
        "address-outside-pool",
        "`10.7.0.10` is not among the addresses of the pool `storage-v4`",
        "add it to `spec.ips` of the pool, and leave it out of `spec.excludeIPs`",
    ),
    Refused(
        "a pool that is not there",
        "ipv4Pool: storage-v4",
        "ipv4Pool: nowhere-v4",
        "191:15",
        "pool-missing",
        "`10.7.0.10` is of the pool `nowhere-v4`, which is not taken over",
        "mend the errors of the pool, or export it, too: `kubectl get spiderippool -o yaml`",
    ),
    Refused(
        "an endpoint that the pool knows nothing of",
        """'{"10.7.0.10":{"pod":"data/db-0","podUid":"7c2b8e54-6a0e-4ee8-8a3c-5d1e9f4b6a33"}}'""",
        "null",
        "191:15",
        "endpoint-without-entry",
        "the SpiderEndpoint has `10.7.0.10`, and the pool `storage-v4` knows nothing of it",
        "restart `data/db-0` if it runs, or delete its SpiderEndpoint; then export again",
    ),
    Refused(
        "an entry of another Pod",
        '"10.7.0.10":{"pod":"data/db-0"',
        '"10.7.0.10":{"pod":"data/db-1"',
        "191:15",
        "entry-disagrees",
        "`10.7.0.10` is held by `data/db-1` as the pool `storage-v4` has it, not by `data/db-0`",
        "restart the Pod that runs, then export again; the pool's entry is at state.yaml:106:21",
    ),
    Refused(
        "an entry of an earlier Pod of the name",
        '"10.7.0.10":{"pod":"data/db-0","podUid":"7c2b8e54',
        '"10.7.0.10":{"pod":"data/db-0","podUid":"00000000',
        "191:15",
        "entry-disagrees",
        "`10.7.0.10` is held by UID `00000000-6a0e-4ee8-8a3c-5d1e9f4b6a33` of `data/db-0` as the "
        "pool `storage-v4` has it, not by UID `7c2b8e54-6a0e-4ee8-8a3c-5d1e9f4b6a33`",
        "restart the Pod that runs, then export again; the pool's entry is at state.yaml:106:21",
    ),
    Refused(
        "an entry without endpoint",
        """'{"10.7.0.10":{""",
        """'{"10.7.0.11":{"pod":"data/gone","podUid":"u"},"10.7.0.10":{""",
        "106:21",
        "entry-without-endpoint",
        "`10.7.0.11` is held by `data/gone`, which has no SpiderEndpoint with it",
        "export SpiderEndpoints of all namespaces, too (`-A`); if the Pod is gone, Spiderpool "
        "frees the address later, and --skip-unplaced goes on without it",
    ),
    Refused(
        "two interfaces of one Pod with one address",
        "ipv4: 10.7.0.10/16\n        ipv4Pool: storage-v4",
        "ipv4: 10.8.0.10/24\n        ipv4Pool: data-v4",
        "191:15",
        "held-twice",
        "`10.8.0.10` is held twice: by `eth0` of data/db-0 and by `net1` of data/db-0",
        "give each interface a pool of its own, or restart the Pod here; the other is at "
        "state.yaml:185:15",
    ),
    Refused(
        "an entry that is no address",
        """'{"10.7.0.10":{""",
        """'{"10.7.0.300":{"pod":"data/x","podUid":"u"},"10.7.0.10":{""",
        "106:21",
        "invalid-status",
        "`status.allocatedIPs` has the malformed entry `10.7.0.300`",
        UNEDITED,
    ),
    Refused(
        "entries that are no JSON",
        """-8a3c-5d1e9f4b6a33"}}'\n    totalIPCount: 11""",
        """-8a3c-5d1e9f4b6a33"}'\n    totalIPCount: 11""",
        "132:19",
        "invalid-status",
        "`status.allocatedIPs` of the pool `data-v4` is not the text of a JSON object",
        UNEDITED,
    ),
    Refused(
        "an interface without a name",
        "        interface: net1\n",
        "",
        "189:9",
        "invalid-status",
        "`status.current.ips[1]` does not say which interface it is",
        "write its name into `interface`, as the Pod's network annotation has it",
    ),
    Refused(
        "an endpoint without a node",
        "      node: worker2\n",
        "",
        "182:7",
        "invalid-status",
        "`status.current.node` is missing, so nobody knows whose the address is",
        UNEDITED,
    ),
    Refused(
        "an address without prefix length",
        "ipv4: 10.7.0.10/16",
        "ipv4: 10.7.0.10",
        "191:15",
        "invalid-status",
        "`status.current.ips[1].ipv4` is the text `10.7.0.10`, not an IPv4 address",
        f"{UNEDITED}; addresses have a prefix length there",
    ),
    Refused(
        "a route that is none",
        "- dst: 192.168.0.0/16",
        "- dst: 192.168.0.0",
        "194:11",
        "invalid-status",
        "`status.current.ips[1].routes[0]` is no route: `192.168.0.0` is not a CIDR",
        UNEDITED,
    ),
    Refused(
        "a virtual machine's address, which stays across Pods",
        "ownerControllerType: StatefulSet",
        "ownerControllerType: VirtualMachineInstance",
        "200:26",
        "unsupported-owner",
        "the address belongs to the VirtualMachineInstance `db`, across its Pods",
        "addresses that stay with a virtual machine are not there yet; stop it first",
    ),
    Refused(
        "a reversed range in a pool, which Spiderpool lets pass",
        "- 10.9.0.1-10.9.0.100",
        "- 10.9.0.100-10.9.0.1",
        "151:7",
        "reversed-range",
        "`10.9.0.100-10.9.0.1` runs backwards",
        "write `10.9.0.1-10.9.0.100`",
    ),
    Refused(
        "a pool that is being deleted",
        "    generation: 1\n    labels:\n      ipam.spidernet.io/ippool-cidr: 10-9-0-0-24",
        '    deletionTimestamp: "2025-06-12T00:00:00Z"\n    generation: 1\n    labels:\n'
        "      ipam.spidernet.io/ippool-cidr: 10-9-0-0-24",
        "140:24",
        "terminating-pool",
        "the pool `spare-v4` is being deleted",
        "end the Pods that hold its addresses, so that it goes, then export again",
    ),
    Refused(
        "pools that overlap, which Spiderpool lets pass in two subnets of one label",
        "- 10.9.0.1-10.9.0.100\n    subnet: 10.9.0.0/24",
        "- 10.8.0.20-10.8.0.100\n    subnet: 10.8.0.0/24",
        "151:7",
        "address-overlap",
        "`10.8.0.20` also belongs to the pool `data-v4`",
        "take it out of one of the pools, for example with `excludeIPs: [10.8.0.20]`",
    ),
    Refused(
        "an interface that stands there twice, the first of them",
        "        interface: net1\n",
        "        interface: eth0\n",
        "184:20",
        "invalid-status",
        "the interface `eth0` of `data/db-0` stands there twice",
        "it has one address of each family: restart the Pod, then export again; the other is at "
        "state.yaml:190:20",
    ),
    Refused(
        "an interface that stands there twice, the second of them",
        "        interface: net1\n",
        "        interface: eth0\n",
        "190:20",
        "invalid-status",
        "the interface `eth0` of `data/db-0` stands there twice",
        "it has one address of each family: restart the Pod, then export again; the other is at "
        "state.yaml:184:20",
    ),
    Refused(
        "a prefix length longer than Python reads",
        "ipv4: 10.7.0.10/16",
        "ipv4: 10.7.0.10/" + "1" * 5000,
        "191:15",
        "invalid-status",
        f"`status.current.ips[1].ipv4` is the text `10.7.0.10/{'1' * 59}...`, not an IPv4 address",
        f"{UNEDITED}; addresses have a prefix length there",
    ),
    Refused(
        "a prefix length that is not the pool's",
        "ipv4: 10.7.0.10/16",
        "ipv4: 10.7.0.10/8",
        "191:15",
        "entry-disagrees",
        "`10.7.0.10/8` has another prefix length than `10.7.0.0/16`, the subnet of the pool "
        "`storage-v4`",
        SUBNET,
    ),
    Refused(
        "a gateway outside of the subnet",
        "ipv4Gateway: 10.8.0.254",
        "ipv4Gateway: 10.8.1.254",
        "185:15",
        "gateway-outside-subnet",
        "the gateway `10.8.1.254` is outside of `10.8.0.0/24`, the subnet of the pool `data-v4`",
        SUBNET,
    ),
    Refused(
        "a gateway that is no address",
        "ipv4Gateway: 10.8.0.254",
        "ipv4Gateway: 10.8.0.256",
        "186:22",
        "invalid-status",
        "`status.current.ips[0].ipv4Gateway` is the text `10.8.0.256`, not an IPv4 address",
        UNEDITED,
    ),
    Refused(
        "a gateway of the other family",
        "ipv4Gateway: 10.8.0.254",
        "ipv4Gateway: fd00::1",
        "186:22",
        "invalid-status",
        "`status.current.ips[0].ipv4Gateway` is the text `fd00::1`, not an IPv4 address",
        UNEDITED,
    ),
    Refused(
        "a next hop that is no address",
        "gw: 10.7.0.1",
        "gw: 10.7.0.1/16",
        "194:11",
        "invalid-status",
        "`status.current.ips[1].routes[0]` is no route: `10.7.0.1/16` is not an IP address",
        UNEDITED,
    ),
    Refused(
        "a next hop of the other family",
        "gw: 10.7.0.1",
        "gw: fd00::1",
        "194:11",
        "invalid-status",
        "`status.current.ips[1].routes[0]` is no route: its next hop `fd00::1` is not an IPv4 "
        "address",
        UNEDITED,
    ),
    *(
        Refused(
            f"an interface name that CNI forbids: {name}",
            "interface: net1",
            f'interface: "{name}"',
            "190:20",
            "invalid-status",
            f"`{name}` is no name of an interface",
            "an interface name has at most 15 bytes and no `/`, `:` or blank",
        )
        for name in ("sixteen-bytes-16", "äöüäöüäö", "a/b", "a:b", "a b", " ", ".", "..")
    ),
    Refused(
        "a Pod name that Kubernetes forbids",
        "name: db-0",
        "name: a/b",
        "176:11",
        "invalid-name",
        "the name `a/b` is not a DNS name",
        UNEDITED,
    ),
    Refused(
        "a namespace that Kubernetes forbids",
        "namespace: data",
        "namespace: a.b",
        "177:16",
        "invalid-name",
        "the namespace `a.b` is not a DNS label",
        UNEDITED,
    ),
    Refused(
        "an entry with a field that stands twice",
        '"10.7.0.10":{"pod":"data/db-0"',
        '"10.7.0.10":{"pod":"data/db-1","pod":"data/db-0"',
        "106:21",
        "invalid-status",
        "`status.allocatedIPs` has the malformed entry `10.7.0.10`",
        UNEDITED,
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_what_cannot_be_taken_over_is_reported_and_nothing_is_written(
    store: Store, row: Refused
) -> None:
    assert STATE.count(row.old) == 1, row.old
    errors = [told(error) for error in errors_of(store, STATE.replace(row.old, row.new))]
    assert (f"state.yaml:{row.place}", row.code, row.message, row.hint) in errors


def test_every_problem_is_reported_at_once_in_the_order_of_the_file(store: Store) -> None:
    text = STATE.replace("- 10.9.0.1-10.9.0.100", "- 10.9.0.100-10.9.0.1")
    text = text.replace("ipv4: 10.7.0.10/16", "ipv4: 10.7.0.99/16").replace(
        "/16\n        ipv4G", "\n        ipv4G"
    )
    places = [
        (error.code, error.span.line if error.span else 0) for error in errors_of(store, text)
    ]
    assert places == [
        ("entry-without-endpoint", 54),
        ("entry-without-endpoint", 54),
        ("entry-without-endpoint", 81),
        ("entry-without-endpoint", 81),
        ("entry-without-endpoint", 106),
        ("reversed-range", 151),
        ("address-outside-pool", 191),
        ("invalid-status", 224),
        ("invalid-status", 261),
    ]


def test_pools_without_their_endpoints_are_refused(store: Store) -> None:
    documents = yaml.safe_load(STATE)
    documents["items"] = [one for one in documents["items"] if one["kind"] != "SpiderEndpoint"]
    errors = errors_of(store, yaml.safe_dump(documents))
    assert [error.code for error in errors] == ["entry-without-endpoint"] * 6


def test_an_older_version_of_the_endpoint_is_refused(store: Store) -> None:
    documents = yaml.safe_load(STATE)
    endpoint = next(one for one in documents["items"] if one["kind"] == "SpiderEndpoint")
    endpoint["apiVersion"] = "spiderpool.spidernet.io/v1"
    [error] = [e for e in errors_of(store, json.dumps(documents)) if e.code == "invalid-value"]
    assert error.message == (
        "SpiderEndpoint is read in apiVersion `spiderpool.spidernet.io/v2beta1` alone"
    )
    assert error.hint == "export it with a Spiderpool that serves this version"


def test_an_entry_is_found_inside_escaped_json(store: Store) -> None:
    documents = yaml.safe_load(STATE)
    documents["items"] = documents["items"][:1]
    text = json.dumps(documents, indent=4)
    errors = errors_of(store, text)
    lines = text.splitlines()
    for error, address in zip(errors, ["10.6.168.151", "10.6.168.153"], strict=True):
        assert error.span is not None
        line = lines[error.span.line - 1]
        assert line[error.span.column - 1 : error.span.end_column - 1] == f'\\"{address}\\"'


PODS = """---
apiVersion: v1
kind: Pod
metadata: {name: %s, namespace: shop, uid: %s}
spec: {nodeName: %s}
"""


def test_a_pod_on_another_node_than_its_endpoint_says_is_reported(store: Store) -> None:
    [error] = errors_of(store, STATE + PODS % (WEB_1, UID_1, "worker9"))
    assert told(error) == (
        "state.yaml:234:13",
        "entry-disagrees",
        f"SpiderEndpoint `shop/{WEB_1}` is on node `worker1`, and its Pod on `worker9`",
        "one of them is out of date: export both again, at the same time",
    )


def test_a_pod_of_another_uid_than_its_endpoint_says_is_reported(store: Store) -> None:
    [error] = errors_of(store, STATE + PODS % (WEB_1, "u", "worker1"))
    assert told(error) == (
        "state.yaml:235:12",
        "entry-disagrees",
        f"SpiderEndpoint `shop/{WEB_1}` is of UID `{UID_1}`, and its Pod of `u`",
        "it is what an earlier Pod of this name held: wait until Spiderpool clears it away",
    )


def test_an_endpoint_that_is_given_twice_is_reported(store: Store) -> None:
    twice = [("a.yaml", STATE.encode()), ("b.yaml", STATE.encode())]
    with pytest.raises(InvalidManifestsError) as caught:
        import_spiderpool(store, twice, NOW)
    messages = [error.message for error in caught.value.errors if error.code == "duplicate-object"]
    assert f"SpiderEndpoint `shop/{WEB_1}` is given twice" in messages
    assert "SpiderIPPool `shop-v4` is given twice" in messages


DB_ENTRY = '"10.7.0.10":{"pod":"data/db-0","podUid":"7c2b8e54-6a0e-4ee8-8a3c-5d1e9f4b6a33"}'
OTHER_ENTRY = '"10.7.0.10":{"pod":"data/db-9","podUid":"u"}'
WAIT = "end the Pods that use it wrongly, wait until one entry is left, then export again"


def held_twice(place: str, ours: str, theirs: str, other: str) -> tuple[str, str, str, str]:
    message = f"`10.7.0.10` is held twice: by {ours} and by {theirs}"
    return f"state.yaml:{place}", "held-twice", message, f"{WAIT}; the other is at {other}"


def test_an_address_that_two_pools_give_two_pods_is_reported_for_both(store: Store) -> None:
    status = "    allocatedIPCount: 0\n"
    text = STATE.replace(status, f"{status}    allocatedIPs: '{{{OTHER_ENTRY}}}'\n")
    db, other = "`data/db-0` in the pool `storage-v4`", "`data/db-9` in the pool `spare-v4`"
    assert [told(error) for error in errors_of(store, text)] == [
        held_twice("106:21", db, other, "state.yaml:155:21"),
        held_twice("155:21", other, db, "state.yaml:106:21"),
    ]
    report = bring(store, text, skip_unplaced=True)
    assert [error.code for error in report.left_out] == ["held-twice"] * 2
    assert (report.addresses, report.at_large) == (Counter({"taken over": 5}), ("10.7.0.10",))


@pytest.mark.parametrize("swapped", [False, True])
def test_an_address_that_stands_twice_in_one_pool_is_reported_for_both(
    store: Store, swapped: bool
) -> None:
    entries = [OTHER_ENTRY, DB_ENTRY] if swapped else [DB_ENTRY, OTHER_ENTRY]
    pods = [f"`data/db-{9 if swapped else 0}`", f"`data/db-{0 if swapped else 9}`"]
    first, second = (f"{pod} in the pool `storage-v4`" for pod in pods)
    places = ["106:21", f"106:{22 + len(entries[0])}"]
    errors = [told(error) for error in errors_of(store, STATE.replace(DB_ENTRY, ",".join(entries)))]
    assert errors == [
        held_twice(places[0], first, second, f"state.yaml:{places[1]}"),
        held_twice(places[1], second, first, f"state.yaml:{places[0]}"),
    ]


def test_a_third_pod_that_no_pool_knows_is_reported_beside_two_that_hold_one_address(
    store: Store,
) -> None:
    third = DB_ENTRY.replace("db-0", "db-1")
    errors = errors_of(store, STATE.replace(DB_ENTRY, f"{OTHER_ENTRY},{third}"))
    assert [(error.code, str(error.span)) for error in errors] == [
        ("held-twice", "state.yaml:106:21"),
        ("held-twice", f"state.yaml:106:{22 + len(OTHER_ENTRY)}"),
        ("entry-disagrees", "state.yaml:191:15"),
    ]


def one_uid() -> str:
    return STATE.replace(UID_2, UID_1)


def test_two_pods_of_one_uid_on_one_node_are_both_reported(store: Store) -> None:
    places = {WEB_1: "state.yaml:223:20", WEB_2: "state.yaml:260:20"}
    text = one_uid()
    assert [told(error) for error in errors_of(store, text)] == [
        (
            places[ours],
            "entry-disagrees",
            f"`shop/{ours}` and `shop/{theirs}` both have UID `{UID_1}` and `eth0` on node "
            "`worker1`",
            "a UID is of one Pod: delete the SpiderEndpoint of the one that is gone, then export "
            f"again; the other is at {places[theirs]}",
        )
        for ours, theirs in ((WEB_1, WEB_2), (WEB_2, WEB_1))
    ]
    report = bring(store, text, skip_unplaced=True)
    assert report.addresses == Counter({"taken over": 2})


def without_endpoint(text: str, pod: str) -> str:
    documents = yaml.safe_load(text)
    documents["items"] = [
        one
        for one in documents["items"]
        if (one["kind"], one["metadata"]["name"]) != ("SpiderEndpoint", pod)
    ]
    return json.dumps(documents, indent=1)


def test_a_pod_of_the_uid_of_one_that_holds_here_is_reported(store: Store) -> None:
    bring(store, without_endpoint(one_uid(), WEB_2), skip_unplaced=True)
    text = without_endpoint(one_uid(), WEB_1)
    left_out = bring(store, text, skip_unplaced=True).left_out
    [error] = [error for error in left_out if error.code == "held-by-another"]
    assert (error.field, error.message, error.hint) == (
        "status.current.ips[0]",
        f"shop/{WEB_2} has the UID of `shop/{WEB_1}`, which holds `10.6.168.151` here",
        "a UID is of one Pod: delete the SpiderEndpoint that is out of date, or release the "
        "address here first",
    )
    assert error.span is not None
    assert '"cleanGateway": true' in text.splitlines()[error.span.line]
    assert [one.holder.pod_name for one in held(store).values()].count(WEB_2) == 0


# --- what the store holds already

OTHER = """
apiVersion: v1
kind: Pod
metadata: {name: early, namespace: shop, labels: {app: web}}
spec: {nodeName: worker1}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop}
"""


def pools_alone() -> bytes:
    documents = yaml.safe_load(STATE)
    documents["items"] = [one for one in documents["items"] if one["kind"] == "SpiderIPPool"]
    return yaml.safe_dump(documents).encode()


def test_an_address_that_somebody_else_holds_here_is_reported(store: Store) -> None:
    apply(store, [("pools.yaml", pools_alone()), ("early.yaml", OTHER.encode())], NOW)
    allocate(store, request("early", ""), NOW)
    assert [told(error) for error in errors_of(store, STATE)] == [
        (
            f"state.yaml:{place}:15",
            "held-by-another",
            f"`{address}` is held here by `shop/early`",
            "restart one of the two, or release the address here first",
        )
        for place, address in ((224, "10.6.168.151"), (227, "fd00:6::100"))
    ]


def test_a_pod_that_holds_other_addresses_here_is_reported(store: Store) -> None:
    pod = OTHER.replace("early", WEB_2)
    apply(store, [("pools.yaml", pools_alone()), ("pod.yaml", pod.encode())], NOW)
    allocate(store, request(WEB_2, UID_2), NOW)
    assert told(errors_of(store, STATE)[-1]) == (
        "state.yaml:259:9",
        "held-by-another",
        f"shop/{WEB_2} holds other addresses on `eth0` here",
        "it has `10.6.168.151`, `fd00:6::100` here: export again, or release them first",
    )


def test_an_address_that_was_reserved_here_before_is_reported(store: Store) -> None:
    reserved = (
        "apiVersion: spiderpool.spidernet.io/v2beta1\nkind: SpiderReservedIP\n"
        "metadata: {name: mine}\nspec: {ips: [10.6.168.151]}\n"
    )
    apply(store, [("reserved.yaml", reserved.encode())], NOW)
    assert [told(error) for error in errors_of(store, STATE)] == [
        (
            "state.yaml:224:15",
            "address-reserved",
            "`10.6.168.151` is reserved in the store",
            "delete the SpiderReservedIP there, import, then apply it again",
        )
    ]


def test_a_pool_that_overlaps_one_of_the_store_is_reported(store: Store) -> None:
    other = (
        "apiVersion: spiderpool.spidernet.io/v2beta1\nkind: SpiderIPPool\n"
        "metadata: {name: mine}\nspec: {subnet: 10.9.0.0/24, ips: [10.9.0.7]}\n"
    )
    apply(store, [("mine.yaml", other.encode())], NOW)
    assert [(e.code, e.message) for e in errors_of(store, STATE)] == [
        ("address-overlap", "`10.9.0.7` also belongs to the pool `mine`")
    ]


# --- going on without some


def test_skipping_takes_the_rest_over_and_says_what_may_be_given_to_others(store: Store) -> None:
    text = STATE.replace("ipv4: 10.7.0.10/16", "ipv4: 10.7.0.99/16")
    report = bring(store, text, skip_unplaced=True)
    assert report.addresses == Counter({"taken over": 5})
    assert [error.code for error in report.left_out] == [
        "entry-without-endpoint",
        "address-outside-pool",
    ]
    assert report.at_large == ("10.7.0.10",)
    assert "10.7.0.10" not in held(store)
    assert check(store) == []


def test_skipping_leaves_an_interface_out_whole(store: Store) -> None:
    text = STATE.replace("ipv6: fd00:6::100/112", "ipv6: fd00:6::f/112")
    report = bring(store, text, skip_unplaced=True)
    assert report.addresses == Counter({"taken over": 4})
    assert report.at_large == ("10.6.168.151", "fd00:6::100")


def test_skipping_leaves_a_bad_pool_out_and_all_that_is_held_in_it(store: Store) -> None:
    text = STATE.replace("- 10.8.0.10-10.8.0.20", "- 10.8.0.20-10.8.0.10")
    report = bring(store, text, skip_unplaced=True)
    assert [error.code for error in report.left_out] == ["reversed-range", "pool-missing"]
    assert (report.pools, report.addresses) == (Counter(created=4), Counter({"taken over": 5}))
    assert report.at_large == ()
    assert store.pools.get("data-v4") is None


def test_skipping_leaves_a_pool_out_of_which_a_field_is_unknown(store: Store) -> None:
    text = STATE.replace("    - 10.9.0.1-10.9.0.100\n", "    - 10.9.0.1-10.9.0.100\n    vlan: 7\n")
    report = bring(store, text, skip_unplaced=True)
    assert [error.code for error in report.left_out] == ["unknown-field"]
    assert store.pools.get("spare-v4") is None


def test_skipping_leaves_out_what_others_hold_or_reserved_here(store: Store) -> None:
    apply(store, [("pools.yaml", pools_alone()), ("early.yaml", OTHER.encode())], NOW)
    allocate(store, request("early", ""), NOW)
    report = bring(store, skip_unplaced=True)
    assert report.addresses == Counter({"taken over": 4})
    assert [error.code for error in report.left_out] == ["held-by-another"] * 2


def test_what_is_left_out_and_held_here_is_not_called_free(store: Store) -> None:
    bring(store)
    text = STATE.replace("ipv4: 10.7.0.10/16", "ipv4: 10.7.0.99/16")
    assert bring(store, text, skip_unplaced=True).at_large == ()


def test_what_is_left_out_and_reserved_is_not_called_free(store: Store) -> None:
    text = STATE.replace("    - 10.6.168.153\n", "    - 10.6.168.153\n    - 10.7.0.10\n")
    text = text.replace("ipv4: 10.7.0.10/16", "ipv4: 10.7.0.99/16")
    report = bring(store, text, skip_unplaced=True)
    assert (report.addresses, report.at_large) == (Counter({"taken over": 5}), ())


def test_mending_the_file_and_importing_again_completes_it(store: Store) -> None:
    bring(store, STATE.replace("ipv4: 10.7.0.10/16", "ipv4: 10.7.0.99/16"), skip_unplaced=True)
    assert bring(store).addresses == Counter({"taken over": 1, "unchanged": 5})


# --- failing half-way


def test_a_busy_store_is_left_as_it_was(store: Store) -> None:
    before = content(store)
    with (
        open_store(store.database.path) as other,
        other.database.transaction(),
        pytest.raises(StoreBusyError),
    ):
        bring(store)
    assert content(store) == before


def test_a_failure_after_some_leases_leaves_nothing(store: Store) -> None:
    store.database.run(
        "CREATE TRIGGER disk BEFORE INSERT ON lease WHEN new.pod_name = 'web-6c8f7d9b5d-nm8qz' "
        "BEGIN SELECT RAISE(ABORT, 'the disk is gone'); END"
    )
    before = content(store)
    with pytest.raises(StoreError, match="the disk is gone"):
        bring(store)
    assert content(store) == before


KILLED = """
import os, signal
from pathlib import Path
from ipam.import_spiderpool import import_spiderpool
from store.store import open_store

path, case, last = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
with open_store(path) as store:
    count = 0
    def trace(statement):
        global count
        count += statement.startswith(("INSERT", "UPDATE", "COMMIT"))
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)
    store.database.connection.set_trace_callback(trace)
    import_spiderpool(store, [("state.yaml", case.read_bytes())], 1)
"""


@pytest.mark.parametrize("last", [1, 20, 24, 42, 49, 53])
def test_a_killed_import_leaves_nothing_and_a_second_one_completes_it(
    store: Store, last: int
) -> None:
    before = content(store)
    process = start(KILLED, store.database.path, CASE, last)
    process.communicate(timeout=60)
    assert process.returncode == -9
    assert content(store) == before
    assert bring(store).addresses == Counter({"taken over": 6})
    assert check(store) == []
