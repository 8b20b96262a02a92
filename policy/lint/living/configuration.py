"""`poolweaver.toml`: severities of rules, everywhere and by path.

[lint]
fail-level = "error"
baseline = "lint-baseline.json"

[lint.rules]
catch-all-pool = "off"

[lint.paths."legacy/**"]
rank-tie = "info"
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from grammar.globs import compile_glob, glob_matches, glob_problem
from model.errors import ConfigurationError
from policy.lint.finding import SEVERITIES, Finding
from policy.lint.living.ignored import CONFIGURATION, Ignored
from policy.lint.refused import REFUSALS
from policy.wording import did_you_mean, found, listed, shown

OFF: Final = "off"
NEVER: Final = "never"
_KEYS = ("fail-level", "baseline", "rules", "paths")


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a file says; empty texts where it says nothing.

    `rules` are severities or `off` by rule, `paths` the same below patterns of paths, relative to
    the file's folder, of which the last that matches counts.
    """

    rules: Mapping[str, str] = field(default_factory=dict)
    paths: Sequence[tuple[str, Mapping[str, str]]] = ()
    fail_level: str = ""
    baseline: str = ""

    def severity(self, rule: str, path: str | None) -> str:
        """The severity of a rule in a file, or `off`; empty where nothing is said of it."""
        for pattern, rules in reversed(self.paths):
            if path is not None and rule in rules and path_matches(pattern, path):
                return rules[rule]
        severity = self.rules.get(rule, "")
        return "" if severity == OFF else severity  # it ran, so somebody selected it


def configured(
    findings: Iterable[Finding], configuration: Configuration, relative: Callable[[str], str | None]
) -> tuple[list[Finding], list[Ignored]]:
    """The findings with the severities that are configured, and those that are off.

    `relative` gives a file's path from the folder of the configuration; None outside of it.
    """
    kept: list[Finding] = []
    ignored: list[Ignored] = []
    for finding in findings:
        severity = configuration.severity(finding.rule, relative(finding.span.file))
        if severity == OFF:
            ignored.append(Ignored(finding, CONFIGURATION))
        else:
            kept.append(replace(finding, severity=severity) if severity else finding)
    return kept, ignored


def parse_configuration(text: str, file: str, known: Collection[str]) -> Configuration:
    """The text as a configuration; `known` are the rules there are.

    Raises `ConfigurationError` for what is no TOML, and for keys, rules and values that make no
    sense. Tables beside `[lint]` are not looked at.
    """
    try:
        table = tomllib.loads(text).get("lint", {})
    except tomllib.TOMLDecodeError as error:
        message = f"`{file}` is no TOML: {str(error)[:1].lower()}{str(error)[1:]}"
        raise _error(message, "mend the line that is named") from None
    table = _mapping(table, "lint", file)
    for key in table:
        if key not in _KEYS:
            hint = did_you_mean(key, _KEYS) or f"known are {listed(_KEYS, 'and')}"
            raise _error(f"unknown key {shown(f'lint.{key}')} in `{file}`", hint)
    rules = _severities(table.get("rules", {}), "lint.rules", file, known)
    paths = []
    for pattern, inner in _mapping(table.get("paths", {}), "lint.paths", file).items():
        if problem := glob_problem(pattern):
            raise _error(f"the pattern {shown(pattern)} in `{file}` {problem}", "correct it")
        where = f'lint.paths."{pattern}"'
        paths.append((pattern, _severities(inner, where, file, known)))
    level = _choice(table.get("fail-level", ""), "lint.fail-level", file, (*SEVERITIES, NEVER, ""))
    baseline = table.get("baseline", "")
    if not isinstance(baseline, str):
        raise _error(
            f"`lint.baseline` in `{file}` is no text", "write the name of a file in quotes"
        )
    return Configuration(rules, paths, level, baseline)


def path_matches(pattern: str, path: str) -> bool:
    """Whether the path matches: `*` and the like within a step, `**` any number of steps."""
    return _steps_match(pattern.split("/"), path.split("/"))


def _steps_match(patterns: Sequence[str], steps: Sequence[str]) -> bool:
    if not patterns:
        return not steps
    if patterns[0] == "**":
        return any(_steps_match(patterns[1:], steps[n:]) for n in range(len(steps) + 1))
    if not steps or not glob_matches(compile_glob(patterns[0]), steps[0]):
        return False
    return _steps_match(patterns[1:], steps[1:])


def _severities(value: Any, where: str, file: str, known: Collection[str]) -> dict[str, str]:
    severities = {}
    for rule, severity in _mapping(value, where, file).items():
        if rule in REFUSALS:
            message = f"{shown(rule)} under `{where}` in `{file}` is an error of `apply`"
            raise _error(message, "leave it out; what `apply` refuses cannot be configured")
        if rule not in known:
            hint = did_you_mean(rule, known) or "`poolweaver lint --explain RULE` knows the rules"
            raise _error(f"unknown rule {shown(rule)} under `{where}` in `{file}`", hint)
        severities[rule] = _choice(severity, f"{where}.{rule}", file, (*SEVERITIES, OFF))
    return severities


def _mapping(value: Any, where: str, file: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _error(f"`{where}` in `{file}` is no table", f"write `[{where}]`, and keys below it")
    return value


def _choice(value: Any, where: str, file: str, choices: Sequence[str]) -> str:
    if value in choices:
        return str(value)
    named = listed([choice for choice in choices if choice], "or")
    raise _error(f"`{where}` in `{file}` is {found(value)}", f"write {named}")


def _error(message: str, hint: str) -> ConfigurationError:
    return ConfigurationError(message, hint, code="invalid-setting")
