"""Reading addresses, networks and ranges from text: the one parser of the project.

The syntax is Spiderpool's (`a` or `a-b`, no blanks, no CIDR, both ends one family). Unlike
Spiderpool, a reversed range is refused. Authoring time only: a CNI call never parses a range.
"""

from __future__ import annotations

import ipaddress


class RangeSyntaxError(ValueError):
    """A text that is no address, network or range. `str()` says why, `hint` how to mend it.

    Lower than the error tree: whoever knows the manifest turns it into a `ManifestError`.
    """

    def __init__(self, message: str, hint: str, code: str = "invalid-range") -> None:
        super().__init__(message)
        self.hint = hint
        self.code = code


def parse_address(text: str) -> tuple[int, int]:
    """(family, number) of one address; `RangeSyntaxError` for anything else.

    No prefix length, no zone id, no leading zeros, and no IPv4 address in IPv6 clothes.
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise RangeSyntaxError(
            f"`{text}` is not an IP address",
            "write one address, such as `10.6.168.151` or `fd00::1`",
            "invalid-address",
        ) from None
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            raise RangeSyntaxError(
                f"`{text}` has a zone id", "leave out the `%` part", "invalid-address"
            )
        if address.ipv4_mapped is not None:
            raise RangeSyntaxError(
                f"`{text}` is an IPv4 address written as IPv6",
                f"write `{address.ipv4_mapped}`",
                "invalid-address",
            )
    return address.version, int(address)


def parse_range(text: str) -> tuple[int, int, int]:
    """(family, first, last), ends inclusive, of `a` or `a-b`; `RangeSyntaxError` for the rest."""
    if "/" in text:
        raise RangeSyntaxError(f"`{text}` is a CIDR, not a range", _cidr_hint(text), "cidr-in-ips")
    left, dash, right = text.partition("-")
    try:
        family, first = parse_address(left)
        last_family, last = parse_address(right) if dash else (family, first)
    except RangeSyntaxError as error:
        raise RangeSyntaxError(
            f"`{text}` is not an address range", _range_hint(text, error)
        ) from None
    if family != last_family:
        raise RangeSyntaxError(f"`{text}` mixes IPv4 and IPv6", "write both ends in one family")
    if first > last:
        raise RangeSyntaxError(
            f"`{text}` runs backwards", f"write `{right}-{left}`", "reversed-range"
        )
    return family, first, last


def parse_network(text: str) -> tuple[int, int, int]:
    """(family, number, prefix_bits) of a CIDR; host bits are kept for the caller to judge."""
    address, slash, bits = text.partition("/")
    family, number = parse_address(address)
    limit = 32 if family == 4 else 128
    if (
        not slash
        or not (bits.isascii() and bits.isdigit() and len(bits) <= 3)
        or int(bits) > limit
        or (len(bits) > 1 and bits.startswith("0"))
    ):
        raise RangeSyntaxError(
            f"`{text}` is not a CIDR",
            f"write an address and a prefix length from 0 to {limit}, such as `10.6.0.0/16`",
            "invalid-subnet",
        )
    return family, number, int(bits)


def _cidr_hint(text: str) -> str:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return "write a range, such as `10.6.168.151-10.6.168.160`"
    return f"write `{network[0]}-{network[-1]}`"


def _range_hint(text: str, error: RangeSyntaxError) -> str:
    squeezed = "".join(text.split())
    if squeezed != text:
        return f"write `{squeezed}` without blanks"
    left, _, right = text.partition("-")
    if right.isdigit() and left.count(".") == 3:
        return f"write both ends in full: `{left}-{left.rpartition('.')[0]}.{right}`"
    return f"{error}; write `10.6.168.151` or `10.6.168.151-10.6.168.160`"
