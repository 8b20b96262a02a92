"""The rule language, version 1: text to tree (`parse`), tree to text (`printer`).

Authoring time only: this package imports Lark and `dataclasses`, and nothing that a CNI call
imports may import it. docs/rule-language.md is the specification.
"""
