"""Files as they are opened: regular ones alone, for a pipe would be waited on without end."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from kpi_lib.errors import SettingsError
from kpi_lib.paths import shown

_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_KINDS = {
    stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device", stat.S_IFBLK: "a device",
}  # fmt: skip


def require_regular(path: Path) -> None:
    """Raise OSError where nothing of that name can be read to its end: no file, a folder, a pipe.

    Its `strerror` says which. A link counts as what it leads to.
    """
    _require_regular(path.stat(), path)


def open_regular(path: Path) -> BinaryIO:
    """Open a file to read its bytes; raise OSError as `require_regular` does."""
    require_regular(path)  # before it is opened, which some devices take for a command
    handle = os.open(path, os.O_RDONLY | _AT_ONCE)
    try:
        _require_regular(os.fstat(handle), path)  # it may be another one by now
    except OSError:
        os.close(handle)
        raise
    return os.fdopen(handle, "rb")


def is_there(path: Path) -> bool:
    """Say whether a file that may be left out is there.

    Raises SettingsError where something else has its name: what it would say must not be passed
    over as if it said nothing.
    """
    if not os.path.lexists(path):
        return False
    try:
        require_regular(path)
    except OSError as error:
        todo = "Put a file there, or take it away."
        raise SettingsError.at(shown(path), f"cannot be read ({error.strerror})", todo) from error
    return True


def _require_regular(status: os.stat_result, path: Path) -> None:
    """Raise OSError where an opened file is no regular one, such as a pipe."""
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(status.st_mode):
        kind = _KINDS.get(stat.S_IFMT(status.st_mode), "something else")
        raise OSError(errno.EINVAL, f"it is {kind}, not a file", str(path))
