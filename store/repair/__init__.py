"""Whether everything that is derived from leases and pools agrees with them, and making it so.

    leases ──> bitmap, counts, journal        pools ──> index of ranges, claimable, digest, anchors

    check      what does not hold, each with its remedy; reads one moment
    rebuild    writes anew what can be derived, and nothing else

A room a subject: each has `TITLE`, `find(database)` and, where its subject is derived,
`mend(database)`. Leases, ranges of pools, objects and the journal are the truth: no room changes
them. Authoring time: it reads the whole store.
"""

from store.repair.checking import Checked, check, examine, rebuild
from store.repair.problems import Problem

__all__ = ["Checked", "Problem", "check", "examine", "rebuild"]
