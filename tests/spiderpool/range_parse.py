"""Kind `range-parse`: ranges, totals and free addresses, seen through a pool that holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from model.addresses import address_text
from tests.spiderpool.words import error_in_our_words
from tests.spiderpool.worlds import World, node, pod, pool, reserved

EVERYTHING = {4: "0.0.0.0/0", 6: "::/0"}
MOST = 64  # addresses that a case hands out at most


def in_our_words(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Whatever the error is called: no pool comes of it."""
    return error_in_our_words({**wanted, "error": True} if "error" in wanted else wanted)


def run(world: World, given: Mapping[str, Any]) -> dict[str, Any]:
    """What became of the pool that the case amounts to."""
    op = given["op"]
    if op in ("cidr-overlap", "range-overlap"):
        return _overlap(world, given)
    if op == "range-contains-ip":
        spec = {"subnet": EVERYTHING[given["ipVersion"]], "ips": [given["range"]]}
        errors = world.complaints(pool({**spec, "gateway": given["ip"]}))
        assert {error.code for error in errors} <= {"gateway-in-ips"}
        return {"contains": bool(errors)}
    errors = world.complaints(pool(_spec(given)), *_reserved(given))
    failed = bool(errors)
    outcome: dict[str, Any] = {"failed": failed, "valid": not failed, "canonical": not failed}
    outcome["codes"] = sorted({error.code for error in errors})
    return outcome if failed else {**outcome, **_stored(world, given)}


def _spec(given: Mapping[str, Any]) -> dict[str, Any]:
    if "cidr" in given:
        return {"subnet": given["cidr"]}
    ips = given.get("ranges") or given.get("ips") or []
    if "text" in given:
        ips = [given["text"]]
    family = given.get("ipVersion") or _family(ips)
    version = {"ipVersion": family} if "ipVersion" in given else {}
    subnet = given.get("subnet") or EVERYTHING.get(family, EVERYTHING[4])
    return {"subnet": subnet, "ips": ips, "excludeIPs": given.get("excludeIPs") or [], **version}


def _family(ips: Sequence[str]) -> int:
    return 6 if any(":" in text for text in ips) else 4


def _reserved(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [reserved(*given["unavailable"])] if given.get("unavailable") else []


def _stored(world: World, given: Mapping[str, Any]) -> dict[str, Any]:
    record = world.store.pools.get("p")
    assert record is not None
    spec: Any = record.manifest["spec"]
    family = record.serving.rules.family
    total = world.store.pools.usage(["p"])["p"].total
    effective = [
        address_text(family, first) + ("" if first == last else f"-{address_text(family, last)}")
        for first, last in record.ranges
    ]
    stored = {"ranges": spec.get("ips", []), "total": total, "effective": effective}
    return {
        **stored,
        "ips": _fill(world, family, given.get("count", MOST)) if total <= MOST else [],
    }


def _fill(world: World, family: int, count: int) -> list[str]:
    """The addresses that are handed out one after another, at most `count`, without prefix."""
    annotation = {"ipam.spidernet.io/ippool": f'{{"ipv{family}": ["p"]}}'}
    world.apply(node("node1"), pod(annotations=annotation))
    given: list[str] = []
    for place in range(count):
        leases, _ = world.try_to_allocate(world.request(sandbox=f"c{place}"))
        given += [address_text(family, lease.address) for lease in leases]
    return given


def _overlap(world: World, given: Mapping[str, Any]) -> dict[str, Any]:
    """Two pools: of these whole networks, or of these ranges."""
    family = given["ipVersion"]
    specs = []
    for name in ("a", "b"):
        text = given[name]
        if given["op"] == "cidr-overlap":
            specs.append({"name": name, "subnet": text, "ips": [_whole(text)]})
        else:
            specs.append({"name": name, "subnet": EVERYTHING[family], "ips": [text]})
    world.apply(pool(specs[0]))
    errors = world.complaints(pool(specs[1]))
    assert {error.code for error in errors} <= {"subnet-overlap", "address-overlap"}
    return {"overlap": bool(errors)}


def _whole(network: str) -> str:
    """The first address of a network: enough for two pools that share their subnet's text."""
    return network.partition("/")[0]
