"""Short ways to say what a test needs: pools, attachments, claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING, Any

from model.addresses import address_text
from model.intervals import union
from model.leases import (
    Attachment,
    Claim,
    Claimed,
    FamilyClaim,
    Holder,
    Lease,
    PoolChoice,
    Release,
    TakeOver,
    pod_tenant,
)
from model.pools import Conflict, ObjectRecord, PoolRecord, ServingPool
from model.rules import PoolRules, Route
from model.spans import Span

if TYPE_CHECKING:
    from model.leases import Operation
    from model.protocols import Store

NOW = 1_700_000_000


def number(text: str) -> int:
    return int(ip_address(text))


def span_of(text: str) -> tuple[int, int]:
    """(first, last) of `a`, `a-b` or a CIDR."""
    if "/" in text:
        network = ip_network(text)
        return int(network[0]), int(network[-1])
    first, _, last = text.partition("-")
    return number(first), number(last or first)


def pool(
    name: str,
    *ips: str,
    subnet: str = "10.0.0.0/8",
    gateway: str = "",
    routes: Sequence[Route] = (),
    quarantine: int | None = None,
    default: bool = False,
    disabled: bool = False,
    terminating: bool = False,
    priority: int = 0,
    text: str | None = None,
    manifest: Mapping[str, object] | None = None,
    spans: Sequence[Span] = (),
) -> PoolRecord:
    network = ip_network(subnet)
    text = text if text is not None else f'rules 1\npool "{name}" {{}}\n'
    checks = (
        ("", "ip.family", "", "=", (str(network.version),)),
        ("podAffinity", "pod.label", "app", "in", ("web", "db")),
    )
    rules = PoolRules(
        name,
        network.version,
        checks,
        ("podAffinity",),
        priority,
        default,
        disabled,
        terminating,
        f"digest of {text}",
        spans or (Span("pools.yaml", 3, 5, 3, 9), Span("pools.yaml", 4, 5, 6, 1)),
    )
    return PoolRecord(
        ServingPool(rules, int(network.network_address), network.prefixlen, gateway, routes),
        union(span_of(text) for text in ips),
        manifest
        or {"kind": "SpiderIPPool", "metadata": {"name": name}, "spec": {"ips": list(ips)}},
        text,
        quarantine,
    )


def reserved(name: str, *ips: str, family: int = 4) -> ObjectRecord:
    ranges = [[str(first), str(last)] for first, last in map(span_of, ips)]
    facts = {"family": family, "ranges": ranges}
    return ObjectRecord("SpiderReservedIP", "", name, {"spec": {"ips": list(ips)}}, facts)


def attachment(
    container: str = "c1", ifname: str = "eth0", network: str = "net", node: str = "node1"
) -> Attachment:
    return Attachment(node, network, container, ifname)


def holder(
    pod: str = "web-1", uid: str = "", namespace: str = "shop", ifname: str = "eth0"
) -> Holder:
    tenant = pod_tenant(namespace, pod, uid, ifname) if uid else ""
    return Holder(namespace, pod, uid, tenant)


def write(
    store: Store, *pools: PoolRecord, objects: Sequence[ObjectRecord] = (), now: int = NOW
) -> list[Conflict]:
    return store.writer.write(pools, objects, {}, now)


def claim_of(
    store: Store,
    container: str,
    *pools: str,
    who: Holder | None = None,
    family: int = 4,
    address: str | None = None,
    digest: str | None = None,
) -> Claim:
    choices = [PoolChoice(name, 8 if family == 4 else 64, reason=f"why {name}") for name in pools]
    wanted = FamilyClaim(family, choices, number(address) if address else None)
    return Claim(
        attachment(container),
        who if who is not None else holder(),
        [wanted],
        store.pools.rules_digest() if digest is None else digest,
    )


def both(
    store: Store, container: str, *, v4: Any = "a", v6: Any = "six", who: Holder | None = None
) -> Claim:
    families = [
        FamilyClaim(4, [PoolChoice(v4, 8)]),
        FamilyClaim(6, [PoolChoice(v6, 64)]),
    ]
    return Claim(attachment(container), who or holder(), families, store.pools.rules_digest())


def run(store: Store, operation: Operation, now: int = NOW) -> Any:
    """The outcome of one operation, of whatever class: tests compare it whole."""
    (outcome,) = store.leases.execute([operation], now)
    return outcome


def run_all(store: Store, operations: Sequence[Operation], now: int = NOW) -> list[Any]:
    """The outcomes of a batch, of whatever class."""
    return list(store.leases.execute(operations, now))


def claim(store: Store, container: str, *pools: str, now: int = NOW, **more: Any) -> Any:
    """The address of a new claim as text, or the outcome if there is none."""
    outcome = run(store, claim_of(store, container, *pools, **more), now)
    if isinstance(outcome, Claimed):
        (lease,) = outcome.leases
        return texts(lease)
    return outcome


def release(store: Store, container: str, now: int = NOW) -> list[str]:
    return [texts(lease) for lease in run(store, Release(attachment(container)), now).leases]


def take_over(store: Store, container: str, who: Holder, now: int = NOW) -> Any:
    return run(store, TakeOver(attachment(container), who), now)


def got(store: Store, name: str) -> PoolRecord:
    """A pool that is there."""
    record = store.pools.get(name)
    assert record is not None
    return record


def texts(lease: Lease) -> str:
    return address_text(lease.family, lease.address)


def events(store: Store, address: str) -> list[str]:
    family = 6 if ":" in address else 4
    return [entry.event for entry in store.journal.of_address(family, number(address))]
