"""One thing that does not hold, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

# Remedies.
REBUILD, RELEASE, RESERVE, APPLY, CONFIGURE, RESTORE, NEXT_CHANGE = (
    "rebuild",
    "release",
    "reserve",
    "apply",
    "configure",
    "restore",
    "next-change",
)


@dataclass(frozen=True, slots=True)
class Problem:
    """An invariant that does not hold.

    `what` is a stable name of it, `message` says it in a line. `address` and `pool` are the ones
    concerned, as text, or empty. `remedy` is one of the words above.
    """

    what: str
    message: str
    remedy: str = REBUILD
    address: str = ""
    pool: str = ""

    @property
    def hint(self) -> str:
        """What to do about it, in a line."""
        return _HINTS[self.remedy].format(address=self.address, pool=self.pool)


_HINTS = {
    REBUILD: "`poolweaver check-store --rebuild` mends it",
    RELEASE: "see `poolweaver ip show {address}`; once nothing uses the address any more, "
    "`poolweaver ip release --force {address}`",
    RESERVE: "if a Pod uses {address}, `poolweaver ip reserve {address}` before another gets it, "
    "then restart the Pod; or restore a backup",
    APPLY: "apply the manifest again, changed or not; where that says unchanged, delete it first",
    CONFIGURE: "give it a value that makes sense with `poolweaver config set`",
    RESTORE: "restore a backup with `poolweaver restore`; until then, keep a copy of the file",
    NEXT_CHANGE: "nothing is needed: the history has a gap here, and goes on with the next change",
}
