"""Ranks as sort keys: the static order of default pools, each pool's place without the others.

    presence of RANK_FIELDS    one byte, a bit a field, 0 where it is present
    priority                   eight bytes, the highest first
    natural order of the name  a tag a run: 0 end, 1 number (length, digits), 2 text (ended by 0 1)

Since a key says where its pool stands whatever pools there are, one edit renumbers nothing.
"""

from __future__ import annotations

from model.naming import natural_key
from policy.evaluate import presence

TYPE_CHECKING = False
if TYPE_CHECKING:
    from model.rules import PoolRules

_HIGHEST_PRIORITY = 2**63 - 1
_RANK_BYTES = 9


def sort_key(rules: PoolRules) -> bytes:
    """Bytes that compare as pools rank: by presence, priority, natural order of the name.

    Sorting by it is `policy.evaluate.sorted_by_rank` for `cluster-default`. No two names give the
    same key. Priorities are those that validation lets through: 64 bits with a sign.
    """
    vector = 0
    for bit in presence(rules):
        vector = vector << 1 | bit
    priority = (_HIGHEST_PRIORITY - rules.priority).to_bytes(8, "big")
    return bytes((vector,)) + priority + b"".join(map(_run, natural_key(rules.name)))


def name_order(sort: bytes) -> bytes:
    """The end of a sort key, which compares as pools without rank stand: by name."""
    return sort[_RANK_BYTES:]


def rank_of(rules: PoolRules) -> bytes:
    """The part of the sort key that says nothing of the name: presence and priority."""
    return sort_key(rules)[:_RANK_BYTES]


def _run(part: tuple[int, int, str]) -> bytes:
    kind, number, text = part
    if kind == 0:
        digits = str(number).encode() if number else b""
        return b"\1" + len(digits).to_bytes(2, "big") + digits
    encoded = text.encode("utf-8", "surrogatepass")  # its order is that of code points
    if kind < 0:
        return b"\0" + encoded
    return b"\2" + encoded.replace(b"\0", b"\0\xff") + b"\0\1"
