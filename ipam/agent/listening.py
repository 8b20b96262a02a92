"""The agent's socket: made here, or handed over by systemd."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from pathlib import Path

from model.errors import ConfigurationError

BACKLOG = 1024
FIRST_HANDED_OVER = 3  # SD_LISTEN_FDS_START, sd_listen_fds(3)


def listen(path: str, option: str = "--socket") -> socket.socket:
    """A listening socket at `path`, for its owner alone (0600); its folder is made if missing.

    `option` is what names the path on the command line.

    A socket that a dead agent left is replaced. `ConfigurationError` if a living agent has it, if
    something else stands there, or if it cannot be made.
    """
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        _make_room(path, option)
        listener.bind(path)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"cannot listen on `{path}`: {error.strerror or error}",
            f"name another path with `{option}`, shorter than 108 bytes, in a folder you may write",
            code="agent-socket",
        ) from None
    except ConfigurationError:
        listener.close()
        raise
    finally:
        os.umask(before)
    return listener


def _make_room(path: str, option: str) -> None:
    place = Path(path)
    if not place.parent.exists():
        place.parent.mkdir(mode=0o700, parents=True)
        place.parent.chmod(0o700)
    if not place.exists() and not place.is_symlink():
        return
    if not place.is_socket():
        raise ConfigurationError(
            f"`{path}` is there and is no socket",
            f"name another path with `{option}`",
            code="agent-socket",
        )
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(path)
        except (ConnectionRefusedError, FileNotFoundError):
            place.unlink(missing_ok=True)
            return
    raise ConfigurationError(
        f"an agent listens on `{path}` already",
        f"stop it first, or name another path with `{option}`",
        code="agent-socket",
    )


def handed_over(environ: Mapping[str, str], pid: int) -> socket.socket | None:
    """The socket that systemd hands over by socket activation, or None (sd_listen_fds(3))."""
    if environ.get("LISTEN_PID") != str(pid) or environ.get("LISTEN_FDS") != "1":
        return None
    return socket.socket(fileno=FIRST_HANDED_OVER)


def notify(environ: Mapping[str, str], state: str) -> None:
    """Tell systemd of a change such as `READY=1` (sd_notify(3)); a no-op without systemd."""
    address = environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as speaker:
        try:
            speaker.sendto(state.encode(), f"\0{address[1:]}" if address[0] == "@" else address)
        except OSError:
            return  # systemd went away: nobody is left to be told
