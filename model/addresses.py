"""IP addresses as integers, and their text.

An address is a pair (family, number): family 4 or 6, number below 2**32 or 2**128. Text is
written the canonical way (RFC 5952 for IPv6, without its dotted-quad form). Reading text is
`model.ranges`, which authoring time alone imports.
"""

from __future__ import annotations

ADDRESS_BITS = {4: 32, 6: 128}


def address_text(family: int, number: int) -> str:
    """The canonical text of one address: `10.6.0.1`, `fd00::1`."""
    if family == 4:
        return f"{number >> 24}.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
    groups = [number >> shift & 0xFFFF for shift in range(112, -16, -16)]
    start, length = _longest_zero_run(groups)
    if length < 2:  # RFC 5952 4.2.2: one group of zeros is not shortened
        return ":".join(f"{group:x}" for group in groups)
    head = ":".join(f"{group:x}" for group in groups[:start])
    tail = ":".join(f"{group:x}" for group in groups[start + length :])
    return f"{head}::{tail}"


def _longest_zero_run(groups: list[int]) -> tuple[int, int]:
    """(start, length) of the first longest run of zero groups."""
    best_start, best_length, length = 0, 0, 0
    for index, group in enumerate(groups):
        length = 0 if group else length + 1
        if length > best_length:
            best_start, best_length = index - length + 1, length
    return best_start, best_length


def address_bytes(family: int, number: int) -> bytes:
    """The address in network byte order: 4 or 16 bytes, so that bytes sort as numbers do."""
    return number.to_bytes(ADDRESS_BITS[family] // 8, "big")


def address_from_bytes(data: bytes) -> tuple[int, int]:
    """(family, number) of an address in network byte order; its length tells the family."""
    return (4 if len(data) == 4 else 6), int.from_bytes(data, "big")


def prefix_bounds(family: int, number: int, prefix_bits: int) -> tuple[int, int]:
    """First and last number (inclusive) of the network of `prefix_bits` that holds `number`."""
    host_bits = ADDRESS_BITS[family] - prefix_bits
    first = number >> host_bits << host_bits
    return first, first | ((1 << host_bits) - 1)
