"""All rules there are: those of the modules in `policy.lint.rules`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from policy.lint import rules
from policy.lint.rule import Rule


@cache
def all_rules() -> dict[str, Rule]:
    """Every rule by id, sorted."""
    found = {}
    for module in pkgutil.iter_modules(rules.__path__):
        rule = importlib.import_module(f"{rules.__name__}.{module.name}").RULE
        assert rule.id == module.name.replace("_", "-"), f"{module.name} holds {rule.id}"
        found[rule.id] = rule
    return dict(sorted(found.items()))
