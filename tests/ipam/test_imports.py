"""What an embedded ADD imports: an allow-list, since imports are most of what such a call costs."""

from __future__ import annotations

import json
from pathlib import Path

from tests.ipam.calls import environment, k8s, make_store, namespace, network, pod, pool, start

FORBIDDEN = {
    "click", "dataclasses", "datetime", "enum", "grammar.parse", "inspect", "ipaddress", "json", "lark", "logging",
    "netaddr", "pathlib", "policy.compile", "policy.load", "pydantic", "re", "site", "socket", "sqlite3", "sqlite_utils",
    "store.create", "store.migrations", "subprocess", "tempfile", "typing", "yaml",
}  # fmt: skip
OURS = ("grammar", "ipam", "model", "policy", "store")
# The standard library's modules that a call may load besides those of a bare `python -I -S`.
ALLOWED = {
    "__future__", "_collections_abc", "_json", "_sqlite3", "_stat", "gc", "genericpath", "os", "os.path", "posixpath", "stat",
    # what `_sqlite3` imports of its own accord
    "_collections", "_functools", "_operator", "collections", "collections.abc", "functools", "itertools", "keyword",
    "operator", "reprlib", "types",
}  # fmt: skip

REPORT = """
bare = set(sys.modules)
from ipam.plugin import main
code = main()
loaded = sorted(set(sys.modules) - bare)
import json
sys.stderr.write(json.dumps([code, loaded]))
"""


def loaded_modules(db: Path) -> set[str]:
    process = start(environment("ADD", args=k8s("web")), REPORT)
    _, err = process.communicate(json.dumps(network(db, log_level="error")), timeout=60)
    code, modules = json.loads(err)
    assert code == 0
    return set(modules)


def test_an_add_imports_no_more_than_the_allow_list(tmp_path: Path) -> None:
    affinity = {"matchExpressions": [{"key": "app", "operator": "In", "values": ["web"]}]}
    world = pool("p", "10.0.0.1-10.0.0.9", default=True, podAffinity=affinity)
    world += pod("web", app="web") + namespace("default")
    modules = loaded_modules(make_store(tmp_path / "ipam.db", world))
    foreign = {name for name in modules if name.partition(".")[0] not in OURS}
    assert foreign <= ALLOWED
    assert not modules & FORBIDDEN
