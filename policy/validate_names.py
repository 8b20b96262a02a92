"""The lists of names of a pool: nodeName, namespaceName, multusName."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from policy.documents import Document
from policy.labels import (
    DNS_LABEL_HINT,
    SUBDOMAIN_HINT,
    dns_label_problem,
    subdomain_problem,
)
from policy.validate_ranges import Errors
from policy.wording import shown

_NETWORK_HINT = "write `name` or `namespace/name`"


def network_problem(name: str) -> str:
    """Why this is no reference to a net-attach-def, or empty."""
    namespace, slash, own = name.rpartition("/")
    if "/" in namespace:
        return "has more than one `/`"
    if slash and dns_label_problem(namespace):
        return f"has a namespace that {dns_label_problem(namespace)}"
    if subdomain_problem(own):
        return f"has a name that {subdomain_problem(own)}" if slash else subdomain_problem(own)
    return ""


_LISTS: dict[str, tuple[str, Callable[[str], str], str]] = {
    "nodeName": ("node", subdomain_problem, SUBDOMAIN_HINT),
    "namespaceName": ("namespace", dns_label_problem, DNS_LABEL_HINT),
    "multusName": ("network", network_problem, _NETWORK_HINT),
}


def read_names(
    document: Document, field: str, names: Sequence[str] | None, errors: Errors
) -> tuple[str, ...]:
    """The names of `spec.FIELD` as written, with an error an entry that is wrong or repeated."""
    what, problem_of, hint = _LISTS[field]
    seen: dict[str, int] = {}
    for index, name in enumerate(names or ()):
        path = ("spec", field, index)
        problem = problem_of(name)
        if problem:
            message = f"the {what} {shown(name)} {problem}" if name else f"a {what} has no name"
            errors.append(document.error("invalid-name", path, message, hint))
        elif name in seen:
            message = f"the {what} {shown(name)} stands twice in the list"
            first = f"leave it out; it is already `spec.{field}[{seen[name]}]`"
            errors.append(document.error("invalid-value", path, message, first))
        seen.setdefault(name, index)
    return tuple(names or ())
