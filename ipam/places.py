"""Where things lie where nobody says so."""

from __future__ import annotations

import os

# Where the agent listens and its clients ask; shim/poolweaver.c names it, too.
AGENT_SOCKET = "/run/poolweaver/agent.sock"
ROOT_DB = "/var/lib/poolweaver/ipam.db"


def default_db(environ: dict[str, str] | os._Environ[str]) -> str:
    """The database where none is named: POOLWEAVER_DB, else root's or the user's own."""
    named = environ.get("POOLWEAVER_DB")
    if named:
        return named
    if os.geteuid() == 0:
        return ROOT_DB
    state = environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")  # noqa: PTH111
    return os.path.join(state, "poolweaver", "ipam.db")  # noqa: PTH118
