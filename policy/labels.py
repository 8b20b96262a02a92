"""Names, label keys and label values, judged as the Kubernetes API server judges them.

Sources: the Kubernetes pages "Object Names and IDs" and "Labels and Selectors". Each function gives
what is wrong, to stand behind the text in a message, or nothing.
"""

from __future__ import annotations

import re

_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_QUALIFIED = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")

SUBDOMAIN_HINT = "use lower-case letters, digits, `-` and `.`, with a letter or digit at both ends"
DNS_LABEL_HINT = "use lower-case letters, digits and `-`, with a letter or digit at both ends"
LABEL_KEY_HINT = (
    "write `name` or `prefix/name`: letters, digits, `-`, `_` and `.`, a letter or digit at both "
    "ends, the prefix a lower-case domain"
)
LABEL_VALUE_HINT = (
    "use at most 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends"
)


def subdomain_problem(name: str) -> str:
    """Why this is no DNS-1123 subdomain (at most 253 characters), or empty."""
    if len(name) > 253:
        return "is longer than 253 characters"
    return "" if _SUBDOMAIN.fullmatch(name) else "is not a DNS name"


def dns_label_problem(name: str) -> str:
    """Why this is no DNS-1123 label (at most 63 characters, no dots), or empty."""
    if len(name) > 63:
        return "is longer than 63 characters"
    return "" if _DNS_LABEL.fullmatch(name) else "is not a DNS label"


def label_key_problem(key: str) -> str:
    """Why this is no label key, or empty."""
    prefix, slash, name = key.rpartition("/")
    if slash and not prefix:
        return "has nothing before its `/`"
    if slash and subdomain_problem(prefix):
        return f"has a prefix that {subdomain_problem(prefix)}"
    if not name:
        return "has no name"
    if len(name) > 63:
        return "has a name longer than 63 characters"
    return "" if _QUALIFIED.fullmatch(name) else "is malformed"


def label_value_problem(value: str) -> str:
    """Why this is no label value, or empty. The empty text is a good value."""
    if len(value) > 63:
        return "is longer than 63 characters"
    return "" if not value or _QUALIFIED.fullmatch(value) else "is malformed"
