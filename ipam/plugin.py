"""The embedded CNI plugin: one process a call, standard library only.

`poolweaver cni install` puts a script into the CNI bin folder that starts `main`; `poolweaver cni`
does the same.
"""

from __future__ import annotations

import gc
import os
import sys
import time

from ipam.cni import Call, serve
from ipam.cni_config import VERSIONS
from ipam.cni_result import error_result
from ipam.log import Log
from ipam.places import default_db
from model.errors import StoreError
from model.fast_json import dumps
from store.store import open_store

TYPE_CHECKING = False
if TYPE_CHECKING:
    from store.store import Store


def _open(path: str) -> Store:
    return open_store(path or default_db(os.environ))


def main() -> int:
    """Serve one CNI call; the exit code. Standard output carries one JSON document or nothing."""
    if not os.environ.get("CNI_COMMAND"):
        sys.stderr.write(
            "poolweaver: a CNI IPAM plugin, to be started by a container runtime "
            f"(CNI_COMMAND is not set)\nCNI versions: {', '.join(VERSIONS)}\n"
        )
        return 0
    gc.disable()  # of one call nothing piles up, and looking for it is felt with many pools
    log = Log()
    try:
        stdin = sys.stdin.buffer.read().decode("utf-8", "replace")
        host_name, now_seconds = os.uname().nodename, int(time.time())
        call = Call(os.environ, stdin, _open, host_name, now_seconds, log, ("socket",))
        code, document = serve(call)
    except Exception as error:  # noqa: BLE001  # a runtime parses standard output: never a traceback
        log.write("error", f"internal error: {type(error).__name__}: {error}")
        failure = StoreError(
            f"internal error: {error}", "please report it with the line that was logged"
        )
        code, document = 1, error_result(VERSIONS[-1], failure)
    if document is not None:
        sys.stdout.write(dumps(document) + "\n")
        sys.stdout.flush()
    return code
