"""The words of Poolweaver: errors, spans, addresses, facts, rules, decisions, leases.

Standard library only, and no behaviour beyond arithmetic and (de)serialising itself. A CNI call
imports these modules, so none of them may import `dataclasses`, `typing`, `enum` or `ipaddress`
at run time (ADR 3); annotations are strings and are read by the type checker alone.
"""
