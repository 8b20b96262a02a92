"""YAML that reads back as what was written, by our reader and by kubectl's."""

from __future__ import annotations

import yaml

from policy.yaml_scalars import resolve_plain


class _Dumper(yaml.SafeDumper):
    """PyYAML's, but for text that kubectl's reader would take for a number or a boolean."""


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    plain = bool(value) and resolve_plain(value) == value
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=None if plain else "'")


_Dumper.add_representer(str, _text)


def yaml_text(value: object) -> str:
    """The value as YAML, keys in their order, ending in a newline."""
    return yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True)
