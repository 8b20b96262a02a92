"""Policy tests: what pools are to decide, written beside them, and whether they do.

    file ── read ── Suite ── Case ─┐
    manifests ── a decision ───────┴─ judge ── Mismatch
                     └── coverage

Nothing here decides; `ipam/policy_tests.py` does, in a scratch store.
"""
