"""What host-local holds, as host-local itself writes it, taken over and released here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ipam.import_host_local import HostLocalReport, import_host_local
from model.addresses import address_text
from model.errors import (
    ConfigurationError,
    InvalidManifestsError,
    NodeBindingError,
    NotFoundError,
    PoolweaverError,
)
from store.repair import check
from store.store import open_store
from tests.ipam.calls import NOW, call, environment, k8s, make_store, network, pod, pool

PLUGINS = ("/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni")
HOST_LOCAL = shutil.which("host-local", path=":".join(PLUGINS))
V4 = pool("v4", "10.1.2.1-10.1.2.20", "10.1.2.0/24", gateway="10.1.2.254")
V6 = pool("v6", "fd00:1::1-fd00:1::20", "fd00:1::/64")
RESERVED = json.dumps(
    {
        "apiVersion": "spiderpool.spidernet.io/v2beta1",
        "kind": "SpiderReservedIP",
        "metadata": {"name": "r"},
        "spec": {"ips": ["10.1.2.7"]},
    }
)
MANIFESTS = f"{V4}{V6}---\n{RESERVED}\n"


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return make_store(tmp_path / "ipam.db", MANIFESTS + pod("web", ["v4"]))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "networks" / "net0"
    path.mkdir(parents=True)
    return path


def put(folder: Path, address: str, container: str, ifname: str = "eth0") -> None:
    """As host-local writes it: carriage return and line feed between, none at the end."""
    (folder / address).write_bytes(f"{container}\r\n{ifname}".encode())


def take_over(db: Path, folder: Path, *pools: str, **more: Any) -> HostLocalReport:
    words = {"network": "", "node": "node1"} | more
    with open_store(str(db)) as store:
        try:
            return import_host_local(
                store, str(folder), pools or ("v4", "v6"), now_seconds=NOW, **words
            )
        finally:
            assert check(store) == []


def held(db: Path) -> list[str]:
    with open_store(str(db)) as store:
        leases = [one for name in ("v4", "v6") for one in store.leases.by_pool(name)]
        return [
            f"{address_text(one.family, one.address)} {one.state} {one.attachment.container_id}"
            for one in leases
        ]


@pytest.mark.skipif(HOST_LOCAL is None, reason="needs host-local (containernetworking-plugins)")
def test_what_host_local_holds_is_taken_over_answered_again_and_released(
    db: Path, tmp_path: Path
) -> None:
    data = tmp_path / "networks"
    ranges = [[{"subnet": "10.1.2.0/24"}], [{"subnet": "fd00:1::/64"}]]
    ipam = {"type": "host-local", "dataDir": str(data), "ranges": ranges}
    theirs = json.dumps({"cniVersion": "0.3.1", "name": "net0", "type": "x", "ipam": ipam})
    for container in ("c1", "c2"):
        assert HOST_LOCAL is not None
        subprocess.run(
            [HOST_LOCAL],
            input=theirs,
            text=True,
            env={"PATH": os.environ["PATH"], **environment("ADD", container)},
            check=True,
            capture_output=True,
        )
    report = take_over(db, data / "net0")
    assert report == HostLocalReport("net0", "node1", Counter({"taken over": 4}), (), ())
    both = ["10.1.2.2 bound c1", "10.1.2.3 bound c2", "fd00:1::2 bound c1", "fd00:1::3 bound c2"]
    assert held(db) == both
    assert take_over(db, data / "net0").addresses == {"unchanged": 4}
    code, answer, _ = call(environment("ADD", "c1", args=k8s("web")), network(db))
    assert (code, [one["address"] for one in answer["ips"]]) == (0, ["10.1.2.2/24", "fd00:1::2/64"])
    code, answer, _ = call(environment("DEL", "c1"), network(db))
    assert (code, answer) == (0, None)
    assert held(db) == [
        "10.1.2.2 resting c1",
        "10.1.2.3 bound c2",
        "fd00:1::2 resting c1",
        "fd00:1::3 bound c2",
    ]
    code, answer, _ = call(environment("ADD", "c3", args=k8s("web")), network(db))
    assert (code, answer["ips"][0]["address"]) == (0, "10.1.2.1/24")


def test_what_is_no_address_is_passed_over_and_an_old_file_means_the_first_interface(
    db: Path, folder: Path
) -> None:
    put(folder, "10.1.2.2", "c1", "net1")
    (folder / "10.1.2.3").write_text("c2")
    (folder / "10.1.2.4").write_text("c3\neth0\n")
    (folder / "last_reserved_ip.0").write_text("10.1.2.4")
    (folder / "lock").touch()
    (folder / ".hidden").touch()
    (folder / "sub").mkdir()
    assert take_over(db, folder).addresses == {"taken over": 3}
    with open_store(str(db)) as store:
        names = [one.attachment.ifname for one in store.leases.by_pool("v4")]
        journal = store.journal.of_address(4, (10 << 24) + (1 << 16) + (2 << 8) + 2)
    assert names == ["net1", "eth0", "eth0"]
    assert [(one.event, one.decision) for one in journal] == [
        ("claimed", "imported from host-local")
    ]


def test_a_dry_run_keeps_nothing_and_the_network_may_be_another(db: Path, folder: Path) -> None:
    put(folder, "10.1.2.2", "c1")
    report = take_over(db, folder, network="other", dry_run=True)
    assert (report.network, report.addresses) == ("other", {"taken over": 1})
    assert held(db) == []
    with open_store(str(db)) as store:
        assert store.settings.bound_node() is None
    take_over(db, folder, network="other")
    with open_store(str(db)) as store:
        assert [one.attachment.network for one in store.leases.by_pool("v4")] == ["other"]
        assert store.settings.bound_node() == "node1"


def test_a_folder_of_nothing_gives_nothing(db: Path, folder: Path) -> None:
    assert take_over(db, folder).addresses == {}


def trouble(folder: Path) -> None:
    put(folder, "10.1.2.2", "c1")
    put(folder, "10.1.2.9", "c1")
    put(folder, "10.1.2.7", "c2")
    put(folder, "10.1.2.99", "c3")
    put(folder, "fd00:1::99", "c4")
    put(folder, "10.1.2.5", "c4")
    put(folder, "10.1.2.6", "good")
    put(folder, "10.1.2.300", "c5")
    put(folder, "10.1.2.8", "c 6")


ENDS = "end the container: it gets one of each family when it starts again"
OUTSIDE = "add it to `spec.ips` of the pool"
TROUBLE = [
    ("10.1.2.300", "invalid-manifest", "`10.1.2.300` is not an IP address", "is this host-local's folder?"),
    (
        "10.1.2.7",
        "address-reserved",
        "`10.1.2.7` is reserved",
        "delete the SpiderReservedIP, import, then apply it again",
    ),
    (
        "10.1.2.8",
        "invalid-manifest",
        "this file is not one of host-local's",
        "it should have the container id and the interface, a line each",
    ),
    (
        "10.1.2.9",
        "held-twice",
        "`10.1.2.9` is a second IPv4 address of this interface, beside `10.1.2.2`",
        ENDS,
    ),
    ("10.1.2.99", "address-outside-pool", "`10.1.2.99` is no address of the pool `v4`", OUTSIDE),
    ("fd00:1::99", "address-outside-pool", "`fd00:1::99` is no address of the pool `v6`", OUTSIDE),
]  # fmt: skip


def told(folder: Path, errors: object) -> list[tuple[str, ...]]:
    assert isinstance(errors, tuple)
    prefix = f"{folder}/"
    return [
        (str(one.span).removeprefix(prefix).removesuffix(":1:1"), one.code, one.message, one.hint)
        for one in errors
    ]


def test_everything_that_cannot_be_taken_over_is_named_and_nothing_is_done(
    db: Path, folder: Path
) -> None:
    trouble(folder)
    with pytest.raises(InvalidManifestsError) as caught:
        take_over(db, folder)
    assert told(folder, caught.value.errors) == TROUBLE
    assert held(db) == []


def test_the_rest_is_taken_over_when_asked_for_whole_interfaces_alone(
    db: Path, folder: Path
) -> None:
    trouble(folder)
    report = take_over(db, folder, skip_unplaced=True)
    assert told(folder, report.left_out) == TROUBLE
    assert report.at_large == ("10.1.2.2", "10.1.2.5", "10.1.2.8", "10.1.2.9")
    assert held(db) == ["10.1.2.6 bound good"]


def test_a_file_that_does_not_say_whose_the_address_is_leaves_it_to_others(
    db: Path, folder: Path
) -> None:
    put(folder, "10.1.2.3", "c1")
    (folder / "10.1.2.4").touch()
    (folder / "10.1.2.5").write_bytes(b"\xff\r\neth0")
    (folder / "10.1.2.99").write_text("a b c")  # in no pool, so that nobody gets it
    report = take_over(db, folder, skip_unplaced=True)
    assert report.addresses == {"taken over": 1}
    assert [(one.span.file, one.message, one.hint) for one in report.left_out if one.span] == [
        (
            str(folder / address),
            message,
            "host-local was killed before it answered, so nobody has the address: delete the file"
            if "empty" in message
            else "it should have the container id and the interface, a line each",
        )
        for address, message in (
            ("10.1.2.4", "this file is empty"),
            ("10.1.2.5", "this file is not one of host-local's"),
            ("10.1.2.99", "this file is not one of host-local's"),
        )
    ]
    assert report.at_large == ("10.1.2.5",)


def test_what_somebody_holds_here_stays_his(db: Path, folder: Path) -> None:
    call(environment("ADD", "mine", args=k8s("web")), network(db))
    assert held(db) == ["10.1.2.1 bound mine"]
    put(folder, "10.1.2.1", "theirs")
    put(folder, "10.1.2.2", "mine")
    with pytest.raises(InvalidManifestsError) as caught:
        take_over(db, folder)
    hint = "release the address here first, or end the container"
    assert told(folder, caught.value.errors) == [
        ("10.1.2.1", "held-by-another", "`10.1.2.1` is held here by default/web", hint),
        ("10.1.2.2", "held-by-another", "this interface holds `10.1.2.1` here", hint),
    ]


def test_an_address_of_a_family_without_a_pool_is_named(db: Path, folder: Path) -> None:
    put(folder, "fd00:1::2", "c1")
    with pytest.raises(InvalidManifestsError) as caught:
        take_over(db, folder, "v4")
    assert told(folder, caught.value.errors) == [
        (
            "fd00:1::2",
            "pool-missing",
            "no IPv6 pool was given for `fd00:1::2`",
            "give one more --pool",
        )
    ]


def refusal(db: Path, folder: Path, *pools: str, **more: Any) -> tuple[object, ...]:
    with pytest.raises(PoolweaverError) as caught:
        take_over(db, folder, *pools, **more)
    return type(caught.value), caught.value.message, caught.value.hint


def test_what_makes_no_sense_is_refused(db: Path, folder: Path) -> None:
    put(folder, "10.1.2.2", "c1")
    nowhere = folder / "none"
    assert refusal(db, nowhere) == (
        ConfigurationError,
        f"cannot read the folder `{nowhere}`: No such file or directory",
        "give the folder of a network, such as `/var/lib/cni/networks/NAME`",
    )
    assert refusal(db, folder.parent) == (
        ConfigurationError,
        f"`{folder.parent}` has folders alone",
        "give the folder of one network: it has `net0`",
    )
    assert refusal(db, folder, "v5") == (
        NotFoundError,
        "there is no spiderippool/v5",
        "did you mean `v4` or `v6`",
    )
    with open_store(str(db)) as store:
        store.settings.require_node("node2")
    assert refusal(db, folder)[0] is NodeBindingError
    assert held(db) == []


def test_two_pools_of_one_family_are_refused(tmp_path: Path, folder: Path) -> None:
    db = make_store(tmp_path / "two.db", V4 + pool("other", "10.2.0.1", "10.2.0.0/24"))
    put(folder, "10.1.2.2", "c1")
    assert refusal(db, folder, "v4", "other") == (
        ConfigurationError,
        "`v4` and `other` are pools of one family",
        "name one pool for IPv4 and one for IPv6",
    )
