"""Addresses that a runtime asks for by number (CNI conventions, "Well-known Capabilities").

The first of these that names any address counts, and the others are ignored:

    runtimeConfig.ips     the capability `ips`
    args.cni.ips          dynamic arguments of the configuration
    CNI_ARGS `IP=`        deprecated; several are joined by `,`
"""

from __future__ import annotations

from ipam.cni_config import invalid
from model.addresses import ADDRESS_BITS, address_text
from model.errors import RequestedAddressError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from ipam.request import Request
    from model.decisions import Decision
    from model.leases import Lease
    from store.store import Store


def parse_requested(texts: Sequence[str]) -> dict[int, int]:
    """The address asked for, by family; `CniError` (CNI code 7) for what is none.

    A prefix length may stand behind an address and is not looked at: the pool's subnet decides. An
    interface has one address a family, so two of one family are an error.
    """
    found: dict[int, int] = {}
    for text in texts:
        family, number = _parse(text)
        if family in found:
            first = address_text(family, found[family])
            raise invalid(
                f"two IPv{family} addresses are asked for: `{first}` and `{text}`",
                "an interface gets one address of each family",
            )
        found[family] = number
    return found


def _parse(text: str) -> tuple[int, int]:
    from _socket import AF_INET, AF_INET6, inet_pton  # noqa: PLC0415 - few calls ask for addresses

    address, slash, prefix = text.strip().partition("/")
    family = 6 if ":" in address else 4
    try:
        number = int.from_bytes(inet_pton(AF_INET6 if family == 6 else AF_INET, address), "big")
    except (OSError, ValueError, UnicodeError):
        number = -1
    digits = prefix.isascii() and prefix.isdigit()
    if number < 0 or (slash and not (digits and int(prefix) <= ADDRESS_BITS[family])):
        raise invalid(
            f"`{text}` is asked for and is no IP address",
            "write an address such as `10.0.0.7`, with its prefix length or without",
        )
    return family, number


def check_families(request: Request, decision: Decision) -> None:
    """That each address asked for is of a family in which the interface has candidates."""
    families = [family.family for family in decision.families]
    for family, number in request.addresses.items():
        if family not in families:
            raise RequestedAddressError(
                f"{address_text(family, number)} is asked for, and no IPv{family} pool is a "
                f"candidate of {_whom(request)}",
                "ask for an address of a pool that the Pod may use, or let it choose",
                code="address-not-in-pools",
                decision=decision,
            )


def why_other_address(request: Request, held: Sequence[Lease]) -> str:
    """That what the tenant holds is not what is asked for, in a line; empty if it is."""
    for lease in held:
        number = request.addresses.get(lease.family, lease.address)
        if number != lease.address:
            return f"{address_text(lease.family, number)} is asked for now"
    return ""


def unavailable(
    store: Store, request: Request, decision: Decision, family: int
) -> RequestedAddressError:
    """Why the address asked for could not be claimed: who holds it, or that no pool offers it."""
    number = request.addresses[family]
    text = address_text(family, number)
    lease = store.leases.by_address(family, number)
    pools = [
        candidate.pool
        for one in decision.families
        if one.family == family
        for candidate in one.candidates
        if candidate.rank
    ]
    if lease is not None and lease.pool in pools:
        return RequestedAddressError(
            f"{text} is asked for, and {lease.holder_text} holds it",
            f"ask for another address, or see `poolweaver history {text}`",
            code="address-taken",
            decision=decision,
        )
    for name, pool in store.pools.serving(pools).items():
        if pool.gateway == text:
            return RequestedAddressError(
                f"{text} is asked for, and it is the gateway of pool `{name}`",
                "ask for another address",
                code="address-not-in-pools",
                decision=decision,
            )
    names = ", ".join(f"`{name}`" for name in pools[:3])
    more = f" and {len(pools) - 3} more" if len(pools) > 3 else ""
    return RequestedAddressError(
        f"{text} is asked for, and none of the pools that {_whom(request)} may use hands it out: "
        f"{names}{more}",
        "an address must be in `spec.ips`, not in `excludeIPs`, and not reserved",
        code="address-not-in-pools",
        decision=decision,
    )


def _whom(request: Request) -> str:
    return f"pod {request.pod_text}" if request.pod_name else "this container"
