"""Deciding: manifests to rules (authoring time), rules and facts to decisions (decision time).

Pure: no clock, no random, no file, no SQL. `select`, `networks`, `evaluate` and `reasons`
are what a CNI call imports; the other modules read manifests and may import pydantic and PyYAML.
"""
