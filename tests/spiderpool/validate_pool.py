"""Kind `validate-pool`: what `apply` and `delete` say of pools and reserved addresses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ipam.delete import delete_pool
from ipam.drain import drain_pool, finish_drains
from model.errors import InUseError
from tests.spiderpool.worlds import GROUP, World, manifest, node, pod, pool

NINE = {"subnet": "10.0.0.0/24", "ips": ["10.0.0.1-10.0.0.9"]}

# (upstream's field, a piece of its text, where ours begins): upstream names the subnet for whatever
# its range parser refuses and for a family that the subnet is not of, and `ips` for an exclusion.
BETTER_FIELDS = (
    ("spec.subnet", "invalid IP address", "spec.ips["),
    ("spec.subnet", "invalid IP address", "spec.excludeIPs["),
    ("spec.subnet", "not in subnet", "spec.ips["),
    ("spec.subnet", "not in subnet", "spec.excludeIPs["),
    ("spec.subnet", "invalid CIDR for IPv", "spec.ipVersion"),
    ("spec.ips", "in use", "spec.excludeIPs["),
)


class Place:
    """Equal to a field of ours that is upstream's, lies inside it, or is a better one.

    Without a text any better field will do, since the case does not say what was wrong.
    """

    def __init__(self, field: str, gist: str) -> None:
        self.field, self.gist = field, gist

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, str):
            return NotImplemented
        return (
            other == self.field
            or other.startswith((f"{self.field}.", f"{self.field}["))
            or any(
                self.field == field and piece in (self.gist or piece) and other.startswith(ours)
                for field, piece, ours in BETTER_FIELDS
            )
        )

    def __hash__(self) -> int:
        return hash(self.field)

    def __repr__(self) -> str:
        return f"{self.field} ({self.gist})"


def in_our_words(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """`status` has no counterpart, and a text about ranges stands at the range."""
    words = {key: wanted[key] for key in ("ipVersion", "ips") if wanted.get(key) is not None}
    if wanted.get("request") == "continues":
        words["outcome"] = "accept"
    if "outcome" in wanted:
        words["outcome"] = wanted["outcome"]
    fields = wanted.get("fields") or [wanted.get("field")]
    if fields != [None]:
        words["at"] = [Place(field, wanted.get("gist", "")) for field in fields]
    return words


def run(world: World, given: Mapping[str, Any]) -> dict[str, Any]:
    """What became of the object; `at` has a list of the fields complained of."""
    for family, key in ((4, "enableIPv4"), (6, "enableIPv6")):
        world.setting(f"enable_ipv{family}", given.get("config", {}).get(key))
    if given["op"] == "delete":
        return _delete(world, given)
    if given.get("old", {}).get("deleting"):
        return _deleting(world, given["new"])
    kind = given.get("kind", "SpiderIPPool")
    before = [*given.get("existing", ()), *([given["old"]] if "old" in given else [])]
    for other in before:
        _store(world, kind, other)
    new = given.get("new", given.get("pool", given.get("object")))
    errors = world.complaints(_object(kind, new))
    outcome: dict[str, Any] = {"outcome": "reject" if errors else "accept"}
    outcome["at"] = [error.field for error in errors]
    outcome["codes"] = [error.code for error in errors]
    return outcome if errors else {**outcome, **_spec(world, kind)}


def _object(kind: str, spec: Mapping[str, Any]) -> dict[str, Any]:
    own = spec.get("kind", kind)
    if own == "SpiderIPPool":
        return pool(spec)
    rest = {key: value for key, value in spec.items() if key not in ("kind", "name")}
    return manifest(own, spec.get("name", "p"), GROUP, spec=rest)


def _store(world: World, kind: str, spec: Mapping[str, Any]) -> None:
    """Apply what was there before, with the addresses that are in use."""
    used = spec.get("allocatedIPs", {})
    for place, address in enumerate(used, 1):  # a pool of one address gives that address
        world.apply(pool({"subnet": spec["subnet"], "ips": list(used)[:place]}))
        world.apply(node("node1"), pod(pools=["p"]))
        leases = world.allocate(world.request(sandbox=address)).leases
        assert leases[0].answer.address.startswith(f"{address}/")
    world.apply(_object(kind, spec))


def _spec(world: World, kind: str) -> dict[str, Any]:
    """What was stored, as the case lists it."""
    record: Any = (
        world.store.pools.get("p")
        if kind == "SpiderIPPool"
        else world.store.objects.get(kind, "", "p")
    )
    return {key: record.manifest["spec"].get(key, []) for key in ("ipVersion", "ips")}


def _delete(world: World, given: Mapping[str, Any]) -> dict[str, Any]:
    _use(world, given["pool"]["allocatedIPCount"])
    try:
        delete_pool(world.store, "p")
    except InUseError:
        assert world.store.pools.get("p") is not None
        return {"outcome": "reject"}
    assert world.store.pools.get("p") is None
    return {"outcome": "accept"}


def _use(world: World, addresses: int) -> None:
    """Pool `p`, of which so many addresses are bound."""
    world.apply(pool(NINE))
    world.apply(node("node1"), pod(pools=["p"]))
    for place in range(addresses):
        world.allocate(world.request(sandbox=f"c{place}"))


def _deleting(world: World, new: Mapping[str, Any]) -> dict[str, Any]:
    """A pool that goes with its last address: nothing changes it, but that it goes.

    Upstream's controller takes the finalizers away when the last address is let go of.
    """
    _use(world, 1)
    assert drain_pool(world.store, "p", world.tick()) == 1
    if new.get("finalizers") == []:
        world.release(world.request(sandbox="c0"))
        finish_drains(world.store, ["p"])
        return {"outcome": "reject" if world.store.pools.get("p") else "accept"}
    errors = world.complaints(pool({**NINE, **new, "disable": True}))
    return {"outcome": "reject" if errors else "accept", "codes": [e.code for e in errors]}
