"""The rule language, version 1: text to tree (`parse`), tree to text (`printer`), its errors told
(`render`).

Authoring time only, but for `globs`: the package imports Lark and `dataclasses`, and nothing that
a CNI call imports may import the other modules. docs/rule-language.md is the specification.
"""
