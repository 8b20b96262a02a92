"""Routes of a Pod: annotation `ipam.spidernet.io/routes`, a JSON list of `{"dst", "gw"}`.

A route goes to the interface whose subnet holds its gateway. Unlike a pool's routes, the default
destination and host bits are allowed, as Spiderpool has it.
"""

from __future__ import annotations

from model.addresses import ADDRESS_BITS, prefix_bounds
from model.errors import CandidateError
from model.fast_json import loads
from model.record import Record
from model.text import is_writable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from model.rules import Route

ROUTES = "ipam.spidernet.io/routes"


class PodRoute(Record):
    """A route, and its gateway as a number."""

    __slots__ = ("family", "gateway", "route")

    def __init__(self, family: int, gateway: int, route: Route) -> None:
        self.family = family
        self.gateway = gateway
        self.route = route


def pod_routes(annotations: Mapping[str, str]) -> list[PodRoute]:
    """The routes a Pod asks for, none without the annotation; `CandidateError` if malformed."""
    if ROUTES not in annotations:
        return []
    try:
        entries = loads(annotations[ROUTES])
    except (ValueError, RecursionError) as error:
        raise _malformed(f"is not valid JSON: {error}") from None
    if "\\u" in annotations[ROUTES] and not is_writable(entries):
        raise _malformed("has escapes that are no characters")
    if entries is None:
        return []
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise _malformed("is not a list of routes")
    return [_route(entry, place) for place, entry in enumerate(entries)]


def routes_within(
    routes: Sequence[PodRoute], family: int, subnet_first: int, prefix_bits: int
) -> list[Route]:
    """Those whose gateway lies in the subnet, in the order written."""
    first, last = prefix_bounds(family, subnet_first, prefix_bits)
    return [r.route for r in routes if r.family == family and first <= r.gateway <= last]


def routes_not_given(annotations: Mapping[str, str], nic: str, given: Sequence[Route]) -> list[str]:
    """A line for each route asked for that is not among those `given` to interface `nic`."""
    return [
        f"route {dst} via {gw} of annotation `{ROUTES}` is not given: no subnet of {nic} holds {gw}"
        for dst, gw in (asked.route for asked in pod_routes(annotations))
        if (dst, gw) not in given
    ]


def _route(entry: Mapping[str, object], place: int) -> PodRoute:
    lowered = {str(key).lower(): value for key, value in entry.items()}  # as Go reads keys
    dst, gw = lowered.get("dst"), lowered.get("gw")
    if not isinstance(dst, str) or not isinstance(gw, str):
        raise _malformed(f"has no `dst` and `gw` in entry {place}")
    address, slash, bits = dst.partition("/")
    destination, gateway = _address(address), _address(gw)
    if destination is None or not slash or not _is_prefix(bits, destination[0]):
        raise _malformed(f"has `dst: {dst}` in entry {place}, which is not a CIDR")
    if gateway is None:
        raise _malformed(f"has `gw: {gw}` in entry {place}, which is not an IP address")
    if gateway[0] != destination[0]:
        raise _malformed(f"mixes IPv4 and IPv6 in entry {place}")
    return PodRoute(*gateway, (dst, gw))


def _is_prefix(bits: str, family: int) -> bool:
    return (
        bits.isascii() and bits.isdigit() and len(bits) <= 3 and int(bits) <= ADDRESS_BITS[family]
    )


def _address(text: str) -> tuple[int, int] | None:
    """(family, number), or None; by the C library, since `ipaddress` is slow to import (ADR 3)."""
    from _socket import AF_INET, AF_INET6, inet_pton  # noqa: PLC0415 - routes are rare

    for family, number in ((4, AF_INET), (6, AF_INET6)):
        try:
            return family, int.from_bytes(inet_pton(number, text), "big")
        except (OSError, ValueError, UnicodeError):
            continue
    return None


def _malformed(problem: str) -> CandidateError:
    return CandidateError(
        f"Pod annotation `{ROUTES}` {problem}",
        'write `[{"dst": "172.16.0.0/12", "gw": "10.6.0.1"}]`',
        code="invalid-route-annotation",
    )
