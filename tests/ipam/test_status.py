"""STATUS: full pools are reported, and fail it only where the configuration says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.ipam.calls import call, environment, make_store, network, pool

FULL = "no IPv4 address is left in "


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """A default pool of one address, held; a named pool of one address, free; an idle IPv6 one."""
    world = pool("d", "10.0.0.1", default=True) + pool("named", "10.0.0.2")
    world += pool("off", "10.0.0.3", default=True, disable=True)
    world += pool("six", "fd00::1", "fd00::/64", default=True)
    db = make_store(tmp_path / "ipam.db", world)
    call(environment("ADD"), network(db, default_ipv4_ippool=["d"]))
    return db


def status(db: Path, **ipam: Any) -> tuple[int, Any, str]:
    return call({"CNI_COMMAND": "STATUS"}, network(db, "1.1.0", **ipam))


def test_full_default_pools_are_reported_and_status_succeeds(db: Path) -> None:
    code, answer, err = status(db)
    assert (code, answer) == (0, None)
    assert f"warn STATUS: {FULL}pools with `spec.default: true`" in err


def test_full_pools_fail_status_where_the_configuration_says_so(db: Path) -> None:
    code, error, _ = status(db, status_on_exhaustion="unavailable")
    assert (code, error["code"]) == (1, 50)
    assert error["msg"] == f"{FULL}pools with `spec.default: true`"


def test_the_pools_of_the_configuration_go_before_the_default_ones(db: Path) -> None:
    for names in (["named"], ["n*"], ["d", "named"], ["missing"]):
        assert status(db, default_ipv4_ippool=names) == (0, None, ""), names
    code, error, _ = status(db, default_ipv4_ippool=["d"], status_on_exhaustion="unavailable")
    assert (code, error["msg"]) == (1, f"{FULL}the pools of the configuration")


def test_an_address_of_a_pool_that_is_full_of_resting_ones_can_be_had(db: Path) -> None:
    call(environment("DEL"), network(db))
    assert status(db, status_on_exhaustion="unavailable") == (0, None, "")


def test_another_word_for_what_a_full_pool_means_is_an_error(db: Path) -> None:
    code, error, _ = status(db, status_on_exhaustion="panic")
    assert (code, error["code"]) == (1, 7)
    assert error["msg"] == "`ipam.status_on_exhaustion` is `panic`"
    assert error["details"] == "write one of report, unavailable"
