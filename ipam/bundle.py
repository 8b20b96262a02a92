"""The modules of an embedded call in one file: finding each in its folder costs more than it does.

The file holds compiled code, for one Python and for packages as they were. The plugin looks whether
both are still so, and otherwise imports the packages as ever.

    version of Python, {package folder: when it last changed}, {module: (is a package, its code)}
"""

from __future__ import annotations

import importlib.util
import marshal
import subprocess
import sys
from pathlib import Path

PACKAGES = ("grammar", "ipam", "model", "policy", "store")
# What calls load besides `ipam.plugin` and its imports; a call that needs yet others finds them.
LATER = (
    "ipam.evidence",
    "ipam.shortlist",
    "policy.anchors",
    "policy.ranks",
    "policy.standing",
    "store.facts",
    "store.leases",
    "store.pools",
    "store.settings",
    "store.turns",
)
_LOADED = "import sys; import {}; print(*sys.modules, sep='\\n')"

# How the plugin reads it. Runs before anything of ours is imported, so it imports nothing costly.
READER = """\
import sys
from _frozen_importlib import ModuleSpec
from marshal import loads
from posix import stat


class Modules:
    @staticmethod
    def read():
        try:
            with open(BUNDLE, "rb") as file:
                version, folders, Modules.code = loads(file.read())
            if version == sys.version and all(
                stat(folder).st_mtime_ns == changed for folder, changed in folders.items()
            ):
                sys.meta_path.insert(0, Modules)
        except (OSError, EOFError, TypeError, ValueError):
            return

    @staticmethod
    def find_spec(name, path=None, target=None):
        if name in Modules.code:
            is_package = Modules.code[name][0]
            spec = ModuleSpec(name, Modules, is_package=is_package)
            if is_package:
                spec.submodule_search_locations.append(HOME + "/" + name.replace(".", "/"))
            return spec

    @staticmethod
    def create_module(spec):
        return None

    @staticmethod
    def exec_module(module):
        exec(loads(Modules.code[module.__name__][1]), module.__dict__)


Modules.read()
"""


def bundle(python: str, home: str) -> bytes:
    """The file for the packages in `home`, for the interpreter `python`, which is this one."""
    done = subprocess.run(  # noqa: S603 - our own interpreter on our own code
        [python, "-I", "-S", "-c", f"import sys; sys.path.insert(0, {home!r}); {_imports()}"],
        capture_output=True,
        text=True,
        check=True,
    )
    names = [name for name in done.stdout.split() if name.partition(".")[0] in PACKAGES]
    folders = {
        str(folder): folder.stat().st_mtime_ns
        for folder in (Path(home) / name.replace(".", "/") for name in names)
        if folder.is_dir()
    }
    code = {name: _compiled(Path(home), name) for name in names}
    return marshal.dumps((sys.version, folders, code))


def _imports() -> str:
    return _LOADED.format(", ".join(("ipam.plugin", *LATER)))


def _compiled(home: Path, name: str) -> tuple[bool, bytes]:
    place = home / name.replace(".", "/")
    is_package = place.is_dir()
    path = place / "__init__.py" if is_package else place.with_suffix(".py")
    source = importlib.util.decode_source(path.read_bytes())
    return is_package, marshal.dumps(compile(source, str(path), "exec", dont_inherit=True))
