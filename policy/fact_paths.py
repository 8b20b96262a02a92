"""Fact paths: one fact of a Pod, its Namespace, its node or its interface, as people type it.

    pod.label.app                            pod.label["app"]
    pod.annotation.ipam.spidernet.io/ippool  namespace.label.team
    node.name                                nic.name

A path is what a rule may look at, and the annotations of a Namespace, which name pools.
"""

from __future__ import annotations

import json

from model.errors import ConfigurationError
from model.naming import nearest
from model.rules import SUBJECTS, quote
from policy.labels import (
    dns_label_problem,
    label_key_problem,
    label_value_problem,
    subdomain_problem,
)
from policy.wording import listed, shown

# subject, key or empty
FactPath = tuple[str, str]

NAMESPACE_ANNOTATION = "namespace.annotation"
PATHS = {**SUBJECTS, NAMESPACE_ANNOTATION: True}
SECTIONS = ("pod", "namespace", "node", "nic")
# What follows from other facts, and is set by them.
_DERIVED = {
    "nic.network": "set the annotation that names it: "
    "`:set pod.annotation.v1.multus-cni.io/default-network=NAMESPACE/NAME`",
    "ip.family": "every decision is about all enabled families",
}
_ALWAYS = ("pod.name", "namespace.name", "nic.name")  # never absent


def parse_path(text: str) -> FactPath:
    """The path; `ConfigurationError` where the text is none, with the nearest ones."""
    for subject, keyed in PATHS.items():
        rest = text.removeprefix(subject)
        if rest == text or (not keyed and rest):
            continue
        if not keyed:
            return subject, ""
        key = _key(rest)
        if key:
            return subject, key
        if rest in ("", ".") or rest.startswith("["):
            raise _bad(text, f'name a key: `{subject}.KEY`, or `{subject}["KEY"]`')
    raise _bad(text, _hint(text))


def _key(rest: str) -> str:
    """The key of `.key` or `["key"]`, or empty."""
    if rest.startswith("."):
        return rest[1:]
    if rest.startswith("[") and rest.endswith("]"):
        try:
            found = json.loads(rest[1:-1])
        except ValueError:
            return ""
        return found if isinstance(found, str) else ""
    return ""


def _hint(text: str) -> str:
    subjects = sorted(PATHS)
    head = ".".join(text.split(".")[:2])
    near = nearest(head, subjects)
    if near:
        return f"did you mean {listed(near, 'or')}?"
    return f"paths begin with {listed(subjects, 'or')}"


def _bad(text: str, hint: str) -> ConfigurationError:
    return ConfigurationError(f"{shown(text)} is no fact path", hint, code="invalid-argument")


def path_text(path: FactPath) -> str:
    """The path in the rule language: `pod.label["app"]`, `node.name`."""
    subject, key = path
    return f"{subject}[{quote(key)}]" if PATHS[subject] else subject


def check_value(path: FactPath, value: str | None) -> None:
    """That a fact can be that, or absent (None); `ConfigurationError` says why it cannot."""
    subject, key = path
    if subject in _DERIVED:
        raise _refused(f"`{subject}` cannot be set", _DERIVED[subject])
    if value is None:
        if subject in _ALWAYS:
            raise _refused(
                f"`{subject}` is never absent", f"give it another value with `:set {subject}=...`"
            )
        return
    if not value and not PATHS[subject]:
        raise _refused(f"`{subject}` cannot be empty", "")
    problem = _problem(subject, value)
    if problem:
        raise _refused(f"{shown(value)} is no value of `{path_text(path)}`: it {problem}", "")
    if subject.endswith(".label"):
        problem = label_key_problem(key)
        if problem:
            raise _refused(f"{shown(key)} is no label key: it {problem}", "")


def _problem(subject: str, value: str) -> str:
    if subject.endswith(".label"):
        return label_value_problem(value)
    if subject.endswith(".annotation"):
        return ""
    if subject == "namespace.name":
        return dns_label_problem(value)
    return subdomain_problem(value) if subject in ("pod.name", "node.name") else ""


def _refused(message: str, hint: str) -> ConfigurationError:
    return ConfigurationError(message, hint, code="invalid-argument")
