"""Living with findings: some are known and wanted so, and somebody wrote down why.

findings ── ignores (comments, annotations) ── configuration ── baseline ──> what is reported
each puts findings aside, as `Ignored`
"""
