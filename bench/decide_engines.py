"""Other rule engines on the same pools: each translated the way a user of it would write them.

An engine takes rules in rank order and gives a function from facts to the names that stand, best
first. What it is asked with is made ready beforehand, so only its own work is measured. None of
them is needed: what is not installed is left out (`pip install 'poolweaver[bench]'`).
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Sequence
from typing import Any

from model.facts import Facts
from model.rules import SUBJECTS, Check, PoolRules
from policy.standing import Known

# what one decision takes: facts made ready, and names of pools, best first
Ready = Callable[[Facts], object]
Ask = Callable[[Any], Sequence[str]]


class Missing(Exception):  # noqa: N818 - no error: the engine is left out
    """An engine that is not installed; `str()` is the name of its package."""


def inputs(facts: Facts) -> dict[str, Any]:
    """The facts as JSON: `pod_label` and so on with their values by key, other subjects as text."""
    known = Known(facts, 4)
    found: dict[str, Any] = {}
    for subject, keyed in SUBJECTS.items():
        values = known[subject] or {}
        found[subject.replace(".", "_")] = dict(values) if keyed else values.get("", "")
    return found


def cedar(rules: Sequence[PoolRules]) -> tuple[Ready, Ask]:
    """cedarpy: one policy set, a `permit` a pool; the policies that permit are the answer."""
    cedarpy = _module("cedarpy", "cedarpy")
    text = "\n".join(
        f"permit(principal, action, resource) when {{ {_joined(one, _cedar, ' && ')} }};"
        for one in rules
    )
    policies = cedarpy.PolicySet.from_str(text)
    entities = cedarpy.Entities.from_json_str("[]")

    def ready(facts: Facts) -> object:
        uids = {"principal": 'Pod::"p"', "action": 'Action::"use"', "resource": 'Pool::"any"'}
        return {**uids, "context": inputs(facts)}

    def ask(request: Any) -> Sequence[str]:
        answer = cedarpy.is_authorized(request, policies, entities)
        places = sorted(int(name.removeprefix("policy")) for name in answer.diagnostics.reasons)
        return [rules[place].name for place in places]

    return ready, ask


def cel(rules: Sequence[PoolRules]) -> tuple[Ready, Ask]:
    """common-expression-language: a compiled program a pool, executed one after the other."""
    module = _module("cel", "common-expression-language")
    programs = [(one.name, module.compile(_joined(one, _cel, " && "))) for one in rules]

    def ready(facts: Facts) -> object:
        context = module.Context()
        for name, value in inputs(facts).items():
            context.add_variable(name, value)
        return context

    def ask(context: Any) -> Sequence[str]:
        return [name for name, program in programs if program.execute(context)]

    return ready, ask


def rego(rules: Sequence[PoolRules]) -> tuple[Ready, Ask]:
    """regopy: one compiled bundle, a rule a pool that adds its place to a set."""
    regopy = _module("regopy", "regopy")
    lines = [
        f"found contains {place} if {{ {_joined(one, _rego, '; ')} }}"
        for place, one in enumerate(rules)
    ]
    author = regopy.Interpreter()
    author.add_module("pools.rego", "package pools\n" + "\n".join(lines))
    bundle = author.build("data.pools.found", [])
    interpreter = regopy.Interpreter()

    def ask(given: Any) -> Sequence[str]:
        interpreter.set_input(given)
        (answer,) = interpreter.query_bundle(bundle).results
        return [rules[place].name for place in sorted(answer.expressions[0])]

    return inputs, ask


ENGINES: dict[str, Callable[[Sequence[PoolRules]], tuple[Ready, Ask]]] = {
    "cedarpy": cedar,
    "common-expression-language": cel,
    "regopy": rego,
}


def _module(name: str, package: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise Missing(package) from None


def _joined(rules: PoolRules, write: Callable[[str, str, str, str], str], between: str) -> str:
    """The pool's checks in another language; the family is every engine's own business."""
    parts = [_written(check, write) for check in rules.checks if check[1] != "ip.family"]
    return between.join(parts) or "true"


def _written(check: Check, write: Callable[[str, str, str, str], str]) -> str:
    _, subject, key, operator, values = check
    operator = "in" if operator == "=" else operator
    return write(operator, subject.replace(".", "_"), key and json.dumps(key), json.dumps(values))


def _cedar(operator: str, subject: str, key: str, values: str) -> str:
    place, there = f"context.{subject}", "true"
    if key:
        there, place = f"{place} has {key}", f"{place}[{key}]"
    held = f"{values}.contains({place})"
    return {
        "in": f"({there} && {held})",
        "not in": f"!({there} && {held})",
        "exists": f"({there})",
        "absent": f"!({there})",
    }[operator]


def _cel(operator: str, subject: str, key: str, values: str) -> str:
    place, there = subject, "true"
    if key:
        there, place = f"{key} in {subject}", f"{subject}[{key}]"
    held = f"{place} in {values}"
    return {
        "in": f"({there} && {held})",
        "not in": f"!({there} && {held})",
        "exists": f"({there})",
        "absent": f"!({there})",
    }[operator]


def _rego(operator: str, subject: str, key: str, values: str) -> str:
    place = f"input.{subject}[{key}]" if key else f"input.{subject}"
    alone = "," not in values  # one value: much faster as an equation
    held = f"{place} == {values[1:-1]}" if alone else f"{place} in {{{values[1:-1]}}}"
    return {
        "in": held,
        "not in": f"not {held}",
        "exists": place,
        "absent": f"not {place}",
    }[operator]
