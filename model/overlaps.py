"""What two of many pools would share: addresses, and parts of a subnet. By number, in one sweep."""

from __future__ import annotations

from model.addresses import prefix_bounds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    # family, first, last, place of the pool among all
    Piece = tuple[int, int, int, int]
    # family, network address, prefix length
    Subnet = tuple[int, int, int]

MOST_OVERLAPS = 10


def shared_addresses(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """(place of the earlier pool, of the later one, first, last) of addresses that two share.

    The family is that of the pieces. A piece is told to overlap `MOST_OVERLAPS` others at most.
    """
    open_pieces: list[Piece] = []
    for piece in sorted(pieces):
        family, first, last, place = piece
        open_pieces = [one for one in open_pieces if one[0] == family and one[2] >= first]
        for _, _, other_last, other_place in open_pieces[:MOST_OVERLAPS]:
            early, late = sorted((place, other_place))
            yield early, late, first, min(last, other_last)
        open_pieces.append(piece)
        if len(open_pieces) > MOST_OVERLAPS:  # those that end last are met by whoever meets any
            open_pieces.remove(min(open_pieces, key=lambda one: (one[2], -one[3])))


def shared_subnets(subnets: Sequence[Subnet]) -> dict[Subnet, Subnet]:
    """Of two subnets that overlap and differ, the later one in the sequence and the earlier one.

    In order of first addresses, then prefix lengths, a subnet comes before those it contains.
    """
    places = {subnet: place for place, subnet in enumerate(subnets)}
    others: dict[Subnet, Subnet] = {}
    outer: Subnet | None = None
    for subnet in sorted(places):
        if outer and outer[0] == subnet[0] and prefix_bounds(*outer)[1] >= subnet[1]:
            early, late = sorted((outer, subnet), key=places.__getitem__)
            others[late] = early
        else:
            outer = subnet
    return others
