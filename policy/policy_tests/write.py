"""A decision as a policy test: its facts stated in full, its outcome expected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from model.decisions import Decision
from model.facts import Facts, NamespaceFacts, NodeFacts, PodFacts
from policy.policy_tests.judge import chosen_of, matching_of, refusals_of
from policy.policy_tests.shapes import API_VERSION, KIND


def policy_test(
    name: str,
    facts: Facts,
    decision: Decision,
    manifests: Sequence[str] | None = None,
    settings: Mapping[str, str] | None = None,
    cni_defaults: Mapping[int, Sequence[str]] | None = None,
) -> dict[str, Any]:
    """A PolicyTest document, plain JSON values, that expects this decision of these facts.

    `decision` must be one that explains all candidates, taken while nothing was held. Sections of
    the facts that are not known are left out, and so are empty ones. `manifests` None: those beside
    the file.
    """
    document: dict[str, Any] = {"apiVersion": API_VERSION, "kind": KIND}
    if manifests is not None:
        document["manifests"] = list(manifests)
    if settings:
        document["settings"] = dict(settings)
    test = {"name": name, **_facts(facts), "nic": facts.nic}
    if cni_defaults:
        test["cni"] = {f"default_ipv{f}_ippool": list(names) for f, names in cni_defaults.items()}
    return {**document, "tests": [{**test, "expect": _expect(decision)}]}


def _facts(facts: Facts) -> dict[str, Any]:
    pod: dict[str, Any] = {"namespace": facts.pod_namespace, "name": facts.pod_name}
    stated: dict[str, Any] = {"pod": pod}
    if isinstance(facts.pod, PodFacts):
        pod.update(_filled(labels=facts.pod.labels, annotations=facts.pod.annotations))
        if facts.pod.owner_kind:
            pod["owner"] = {"kind": facts.pod.owner_kind, "name": facts.pod.owner_name}
    if isinstance(facts.namespace, NamespaceFacts):
        space = facts.namespace
        stated["namespace"] = _filled(labels=space.labels, annotations=space.annotations)
    if isinstance(facts.node, NodeFacts):
        stated["node"] = {"name": facts.node.name, **_filled(labels=facts.node.labels)}
    return stated


def _filled(**parts: Any) -> dict[str, Any]:
    return {key: dict(value) for key, value in parts.items() if value}


def _expect(decision: Decision) -> dict[str, Any]:
    if decision.error is not None:
        expect: dict[str, Any] = {"error": decision.error.code}
        refused = refusals_of(decision)
        return {**expect, "refused": refused} if refused else expect
    addresses = [family.address.partition("/")[0] for family in decision.families]
    return {
        "pool": chosen_of(decision),
        "pools": matching_of(decision),
        "address": [address for address in addresses if address],
    }
