"""Debian's `host-local`, with addresses held as it writes them: a file each in its data folder."""

from __future__ import annotations

from pathlib import Path

from bench.processes import Plugin
from bench.sizes import Size
from bench.worlds import Manifest

EXECUTABLE = Path("/usr/lib/cni/host-local")
NETWORK = "bench"


def is_installed() -> bool:
    """Whether there is one to compare with (Debian's package containernetworking-plugins)."""
    return EXECUTABLE.exists()


def plugin(folder: Path, size: Size, held: int) -> Plugin:
    """host-local on a range of this size, its lowest `held` addresses taken by as many calls."""
    return Plugin(str(EXECUTABLE), config(folder, size, held))


def config(folder: Path, size: Size, held: int) -> Manifest:
    """The configuration of such a plugin, whose data are in a folder below this one."""
    data = folder / f"host-local-{size.width}-{size.prefix_bits}-{held}"
    if not data.exists():
        _hold(data / NETWORK, size, held)
    span = {
        "subnet": size.subnet,
        "rangeStart": size.text(1),
        "rangeEnd": size.text(size.count),
    }
    ipam = {"type": "host-local", "dataDir": str(data), "ranges": [[span]]}
    return {"cniVersion": "1.0.0", "name": NETWORK, "type": "bridge", "ipam": ipam}


def _hold(folder: Path, size: Size, held: int) -> None:
    folder.mkdir(parents=True)
    for place in range(1, held + 1):
        (folder / size.text(place)).write_bytes(b"held-%d\r\neth0" % place)
    if held:
        (folder / "last_reserved_ip.0").write_text(size.text(held), encoding="utf-8")
