"""Lint: mistakes in manifests, found before they reach a cluster, each with its proof.

    texts ── policy.load ──> Linted ── rules/* ──> Finding, Finding, ...
                  └── errors ── refused ──────────> Finding, ...

One rule is one file of `rules/`, with a page and a test file of the same name.
"""
