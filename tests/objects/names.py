"""The kinds of objects the store makes, and their names."""

from __future__ import annotations

from hashlib import sha256

from model.addresses import address_text
from model.leases import Attachment

# An address is held by the claim that its object names. Its creation is what only one can do.
ADDRESS = "Address"
CLAIM = "Claim"
# Which claim an attachment last went for: what keeps it from having two.
POINTER = "Attachment"
ENTRY = "JournalEntry"
# One object: from when on every change is there.
PRUNING = "JournalPruning"
POOL = "SpiderIPPool"
APPLIED = "Applied"
SIGHTING = "Sighting"


def address_name(family: int, address: int) -> str:
    """`ipv4-10-6-168-154`, `ipv6-fd00-0-0-0-0-0-0-1`: one name an address."""
    if family == 4:
        return "ipv4-" + address_text(4, address).replace(".", "-")
    return "ipv6-" + "-".join(f"{address >> shift & 0xFFFF:x}" for shift in range(112, -16, -16))


def attachment_name(attachment: Attachment) -> str:
    """The name of an attachment's object; a digest, as CNI names may be long and of any letters."""
    return sha256("\n".join(map(str, attachment.fields())).encode()).hexdigest()[:40]


def applied_name(kind: str, namespace: str, name: str) -> str:
    """The name of an applied object that is no pool."""
    return f"{kind}.{namespace}.{name}"
