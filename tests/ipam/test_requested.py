"""Addresses asked for by number, and what the runtime knows of a Pod's annotations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ipam.requested import parse_requested
from model.errors import CniError
from tests.ipam.calls import call, environment, k8s, make_store, namespace, network, pod, pool

WORLD = (
    pool("a", "10.0.0.10-10.0.0.20", default=True, gateway="10.0.0.1", excludeIPs=["10.0.0.15"])
    + pool("six", "fd00::10-fd00::20", "fd00::/64", default=True)
    + pool("other", "10.0.1.1-10.0.1.9")
    + namespace("default")
    + pod("web")
    + pod("db", ["a"])
)


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return make_store(tmp_path / "ipam.db", WORLD)


def ask(db: Path, container: str = "c1", cni_args: str = "", **document: Any) -> tuple[int, Any]:
    env = environment("ADD", container, args=cni_args)
    code, answer, _ = call(env, {**network(db), **document})
    return code, answer


def given(answer: Any) -> list[str]:
    return [entry["address"] for entry in answer["ips"]]


def test_the_capability_goes_before_the_arguments_and_these_before_cni_args(db: Path) -> None:
    cni_args = "IP=10.0.0.13"
    arguments: dict[str, Any] = {"args": {"cni": {"ips": ["10.0.0.12"]}}}
    capability: dict[str, Any] = {"runtimeConfig": {"ips": ["10.0.0.11/16"]}}
    assert given(ask(db, "c1", cni_args, **arguments, **capability)[1])[0] == "10.0.0.11/16"
    assert given(ask(db, "c2", cni_args, **arguments)[1])[0] == "10.0.0.12/16"
    assert given(ask(db, "c3", cni_args)[1])[0] == "10.0.0.13/16"
    empty: dict[str, Any] = {"args": {"cni": {"ips": []}}}
    assert given(ask(db, "c4", "IP=10.0.0.14", **empty)[1])[0] == "10.0.0.14/16"


def test_the_family_that_is_not_asked_for_gets_its_lowest_address(db: Path) -> None:
    asked: dict[str, Any] = {"runtimeConfig": {"ips": ["fd00::18"]}}
    assert given(ask(db, **asked)[1]) == ["10.0.0.10/16", "fd00::18/64"]
    both: dict[str, Any] = {"runtimeConfig": {"ips": ["fd00::19", "10.0.0.19"]}}
    assert given(ask(db, "c2", **both)[1]) == ["10.0.0.19/16", "fd00::19/64"]


@pytest.mark.parametrize(
    ("asked", "pod_name", "code", "message"),
    [
        ("10.0.0.15", "", 106, "10.0.0.15 is asked for, and none of the pools that this container may use hands it out: `a`"),
        ("10.0.1.1", "web", 106, "10.0.1.1 is asked for, and none of the pools that pod default/web may use hands it out: `a`"),
        ("10.0.0.1", "", 106, "10.0.0.1 is asked for, and it is the gateway of pool `a`"),
        ("fd00::11", "db", 106, "fd00::11 is asked for, and no IPv6 pool is a candidate of pod default/db"),
        ("10.0.0.300", "", 7, "`10.0.0.300` is asked for and is no IP address"),
        ("10.0.0.11/33", "", 7, "`10.0.0.11/33` is asked for and is no IP address"),
        ("", "", 7, "`` is asked for and is no IP address"),
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_given_is_refused_and_nothing_is_held(
    db: Path, asked: str, pod_name: str, code: int, message: str
) -> None:
    args = k8s(pod_name) if pod_name else ""
    exit_code, error = ask(db, cni_args=args, runtimeConfig={"ips": [asked]})
    assert (exit_code, error["code"], error["msg"]) == (1, code, message)
    assert given(ask(db, "c2")[1]) == ["10.0.0.10/16", "fd00::10/64"]


def test_an_address_that_is_held_is_refused_naming_its_holder(db: Path) -> None:
    asked: dict[str, Any] = {"runtimeConfig": {"ips": ["10.0.0.11"]}}
    assert ask(db, cni_args=k8s("web"), **asked)[0] == 0
    code, error = ask(db, "c2", **asked)
    assert (code, error["code"]) == (1, 106)
    assert error["msg"] == "10.0.0.11 is asked for, and default/web holds it"


def test_asking_again_gives_what_is_held_and_a_released_address_is_given_at_once(db: Path) -> None:
    asked: dict[str, Any] = {"runtimeConfig": {"ips": ["10.0.0.11"]}}
    first = ask(db, **asked)
    assert ask(db, **asked) == first
    call(environment("DEL"), network(db))
    assert given(ask(db, "c2", **asked)[1])[0] == "10.0.0.11/16"


def test_a_new_sandbox_that_asks_for_another_address_gets_that_one(db: Path) -> None:
    args = k8s("db", uid="u1")
    assert given(ask(db, "c1", args)[1]) == ["10.0.0.10/16"]
    asked: dict[str, Any] = {"runtimeConfig": {"ips": ["10.0.0.17"]}}
    assert given(ask(db, "c2", args, **asked)[1]) == ["10.0.0.17/16"]
    assert given(ask(db, "c3", args)[1]) == ["10.0.0.17/16"], "the tenant takes that over"


def test_two_addresses_of_one_family_are_an_error() -> None:
    with pytest.raises(CniError) as caught:
        parse_requested(["10.0.0.1", "10.0.0.2"])
    assert (caught.value.code, caught.value.message, caught.value.hint) == (
        "invalid-cni-config",
        "two IPv4 addresses are asked for: `10.0.0.1` and `10.0.0.2`",
        "an interface gets one address of each family",
    )


@pytest.mark.parametrize("ips", ["10.0.0.1", [1], {"a": "b"}])
def test_addresses_in_another_shape_are_an_error(db: Path, ips: object) -> None:
    code, error = ask(db, runtimeConfig={"ips": ips})
    assert (code, error["code"]) == (1, 7)
    assert error["msg"] == "`runtimeConfig.ips` is not a list of addresses"


def with_annotations(value: object) -> dict[str, Any]:
    return {"runtimeConfig": {"io.kubernetes.cri.pod-annotations": value}}


def test_annotations_that_the_runtime_knows_go_before_the_stored_ones(db: Path) -> None:
    pools = json.dumps({"ipv4": ["other"]})
    known = with_annotations({"ipam.spidernet.io/ippool": pools})
    assert given(ask(db, cni_args=k8s("db"), **known)[1]) == ["10.0.1.1/16"]
    assert given(ask(db, "c2", cni_args=k8s("db"))[1]) == ["10.0.0.10/16"]


def test_annotations_of_a_container_that_is_no_pod_count(db: Path) -> None:
    pools = json.dumps({"ipv4": ["other"]})
    known = with_annotations({"ipam.spidernet.io/ippool": pools})
    assert given(ask(db, **known)[1]) == ["10.0.1.1/16"]


def test_annotations_do_not_make_a_pod_known(db: Path) -> None:
    known = with_annotations({"ipam.spidernet.io/ippool": json.dumps({"ipv4": ["other"]})})
    code, error = ask(db, cni_args=k8s("nobody"), **known)
    assert (code, error["code"]) == (1, 11)


@pytest.mark.parametrize("value", [["a"], "a", {"a": 1}])
def test_annotations_in_another_shape_are_an_error(db: Path, value: object) -> None:
    code, error = ask(db, **with_annotations(value))
    assert (code, error["code"]) == (1, 7)
    assert error["msg"].startswith("`runtimeConfig.io.kubernetes.cri.pod-annotations` ")
