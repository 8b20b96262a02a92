"""Names and uids that Kubernetes would draw at random, drawn from a hash instead."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container

# Kubernetes' alphabet for generated names: no vowels, and nothing that looks like another.
_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
_LONGEST_BASE = 58  # a generated name is cut so that it is no longer than 63 characters


def template_hash(template: object) -> str:
    """Ten characters that differ where templates differ."""
    return _letters(json.dumps(template, sort_keys=True), 10)


def pod_name(namespace: str, owner: str, index: object, taken: Container[str]) -> str:
    """`OWNER-xxxxx`, the same for the same arguments, and none of `taken`."""
    base = f"{owner}-"[:_LONGEST_BASE]
    attempt = 0
    while True:
        name = base + _letters(f"{namespace}/{owner}/{index}/{attempt}", 5)
        if name not in taken:
            return name
        attempt += 1


def uid(*parts: str) -> str:
    """Something shaped as a uid (a UUID of version 4), the same for the same parts."""
    text = hashlib.sha256("/".join(parts).encode()).hexdigest()
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:32]}"


def _letters(seed: str, length: int) -> str:
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest(), "big")
    letters = ""
    for _ in range(length):
        number, index = divmod(number, len(_ALPHABET))
        letters += _ALPHABET[index]
    return letters
