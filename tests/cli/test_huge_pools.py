"""Counts are exact where no machine word holds them, in the store and in all that is printed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from model.leases import Claimed, Release
from model.pools import PoolUsage
from store.store import open_store
from tests.cli.conftest import Cli
from tests.ipam.calls import pool
from tests.store.build import NOW, attachment, claim_of

LAST = "ffff:ffff:ffff:ffff"
# name, subnet, ips, how many they are
HUGE = [
    ("a /64", "fd00:1::/64", f"fd00:1::-fd00:1::{LAST}", 2**64),
    ("one more than 2**63", "fd00:1::/64", "fd00:1::-fd00:1::8000:0:0:0", 2**63 + 1),
    ("a /48", "fd00:2::/48", f"fd00:2::-fd00:2:0:ffff:{LAST}", 2**80),
    ("a /1", "8000::/1", f"8000::-ffff:ffff:ffff:ffff:{LAST}", 2**127),
    ("every address", "::/0", f"::-ffff:ffff:ffff:ffff:{LAST}", 2**128),
    ("all but one", "::/0", f"::1-ffff:ffff:ffff:ffff:{LAST}", 2**128 - 1),
]
RESERVED = {
    "apiVersion": "spiderpool.spidernet.io/v2beta1",
    "kind": "SpiderReservedIP",
    "metadata": {"name": "r"},
    "spec": {"ipVersion": 6},
}


@pytest.mark.parametrize(
    ("subnet", "ips", "total"), [row[1:] for row in HUGE], ids=[row[0] for row in HUGE]
)
def test_a_huge_pool_is_counted_to_the_last_address(
    cli: Cli, db: Path, subnet: str, ips: str, total: int
) -> None:
    assert cli("apply", "-f", "-", stdin=pool("p", ips, subnet=subnet)).code == 0
    with open_store(str(db)) as store:
        assert store.pools.usage(["p"])["p"] == PoolUsage(total, 0, 0, total)
        claims = [claim_of(store, f"c{place}", "p", family=6) for place in range(3)]
        outcomes = store.leases.execute(claims, NOW)
        assert all(isinstance(one, Claimed) for one in outcomes)
        store.leases.execute([Release(attachment("c2"))], NOW)
        assert store.pools.usage(["p"])["p"] == PoolUsage(total, 2, 1, total - 2)

    last = ips.partition("-")[2]  # reserved, and never held
    reserved = {**RESERVED, "spec": {"ipVersion": 6, "ips": [last]}}
    assert cli("apply", "-f", "-", stdin=json.dumps(reserved)).code == 0
    with open_store(str(db)) as store:
        assert store.pools.usage(["p"])["p"] == PoolUsage(total, 2, 1, total - 3)

    status = {"totalIPCount": total, "allocatedIPCount": 2}
    assert json.loads(cli("get", "sp", "p", "-o", "json").out)["status"] == status
    assert f"totalIPCount: {total}\n" in cli("get", "sp", "p", "-o", "yaml").out
    columns = cli("get", "sp").out.splitlines()[1].split()
    assert columns == ["p", "6", subnet, "2", str(total), "false"]
    described = cli("describe", "sp", "p").out
    assert str(total) in described
    assert str(total - 3) in described
    assert f"1 resting, {total - 3} free" in cli("status").out
    checked = cli("check-store")
    assert (checked.code, checked.err) == (0, "")
