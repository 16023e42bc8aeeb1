"""The readable half of a report's confinement: what Python is asked to do, refused with a reason.

It sees every file that Python opens, on every system, and says what was asked for. It is no wall
against code that goes around Python; that is the part of Landlock, the filter of system calls and
the rooms (decisions 0003 and 0012).
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

from kpi_lib.batch.refusals import Line

OWN_SLICE_ONLY = "this notebook may read only its own slice; it asked for"
_OWN_SCRATCH_ONLY = "this notebook may write only to its scratch folder; it asked for"
_NO_PROGRAMS = "this notebook may start no other program; it asked for"
_NO_NETWORK = "this notebook may ask nothing of the network; it asked for"
_NO_MEETING = "this notebook may leave nothing for another, nor look for it; it asked for"
_NO_ENGINES = (
    "this notebook may read only its own slice, so it has no engine that reads files by itself"
)
# They read files without Python seeing it; the figures of a report come in its slice.
NATIVE_READERS = ("polars", "pyarrow", "duckdb", "sqlalchemy", "adbc_driver_manager", "fastparquet")

# What two programs could meet by, besides files.
_MEETINGS = ("os.fork", "os.forkpty", "os.kill", "os.killpg", "os.getxattr", "os.listxattr",
             "os.setxattr", "os.removexattr", "fcntl.flock", "fcntl.lockf")  # fmt: skip
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Guard:
    """Decides on what Python reports to its audit hooks."""

    def __init__(
        self,
        read: Sequence[str],
        write: Sequence[str],
        listed: Sequence[str] = (),
        line: Line | None = None,
    ) -> None:
        self._line = line
        self._listed = frozenset(os.path.realpath(place) for place in listed)
        self.read = tuple(os.path.realpath(place) for place in read)
        self.write = tuple(os.path.realpath(place) for place in write)
        # Nobody can lay a link below these, so a look at the name alone is enough.
        self._plainly_read = tuple(place + os.sep for place in self.read)
        self._decides: Mapping[str, Callable[..., None]] = {
            "open": self._open,
            "os.listdir": self._require_listable,
            "os.scandir": self._require_listable,
            "sqlite3.connect": self._database,
            **dict.fromkeys(
                ("os.remove", "os.rmdir", "os.mkdir", "os.truncate"), self._change
            ),
            **dict.fromkeys(("os.rename", "os.link", "os.symlink"), self._change_both),
            **dict.fromkeys(
                ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn",
                 "os.startfile", "pty.spawn"),
                self._program,
            ),
            **dict.fromkeys(
                ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg",
                 "socket.getaddrinfo", "socket.gethostbyname"),
                self._refuse_network,
            ),
            **dict.fromkeys(("os.utime", "os.chown", "os.chmod", "os.chflags"), self._mark),
            **{event: partial(self._meet, event) for event in _MEETINGS},
        }  # fmt: skip

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        """Raise PermissionError where an event is not allowed, and tell the batch of it."""
        decide = self._decides.get(event)
        if decide is None:
            return
        try:
            decide(*args)
        except PermissionError as refused:
            _tell(self._line, str(refused.strerror))
            raise

    def _open(self, path: Any, mode: str | None = None, flags: int = 0, *_: Any) -> None:
        writes = bool(flags & _WRITING) if mode is None else bool(set(mode) & set("wax+"))
        self._require(path, writes)

    def _require_listable(self, path: Any = ".", *_: Any) -> None:
        """Raise unless the folder may be listed: one that is listed by name, or may be read."""
        place = "." if path is None else path
        if isinstance(place, int) or os.path.realpath(os.fsdecode(place)) not in self._listed:
            self._require(place, writes=False)

    def _change(self, path: Any, *_: Any) -> None:
        self._require(path, writes=True)

    def _change_both(self, source: Any, target: Any, *_: Any) -> None:
        self._require(source, writes=True)
        self._require(target, writes=True)

    def _mark(self, path: Any, *_: Any) -> None:
        """Refuse to mark what everybody sees, by name or where it is open."""
        if isinstance(path, int):
            raise PermissionError(errno.EACCES, f"{_OWN_SCRATCH_ONLY} a file that is open")
        self._require(path, writes=True)

    def _meet(self, event: str, *args: Any) -> None:
        if event not in ("os.kill", "os.killpg") or args[0] != os.getpid():
            raise PermissionError(errno.EACCES, f"{_NO_MEETING} {event}")

    def _database(self, path: Any, *_: Any) -> None:
        if path not in (":memory:", b":memory:"):
            self._require(path, writes=True)

    def _program(self, program: Any, *_: Any) -> None:
        raise PermissionError(errno.EACCES, f"{_NO_PROGRAMS} {_shown(program)}")

    def _refuse_network(self, first: Any, *rest: Any) -> None:
        """Raise PermissionError at an attempt to reach another address."""
        address = rest[0] if rest and not isinstance(first, str | bytes) else first
        if address is None:
            return  # a message over a connection that is there
        if sys.platform == "win32" and isinstance(address, tuple) and address[0] == "127.0.0.1":
            return  # there a pair of sockets, which every event loop needs, is made this way
        raise PermissionError(errno.EACCES, f"{_NO_NETWORK} {address}")

    def _require(self, path: Any, writes: bool) -> None:
        """Raise PermissionError where `path` is none of the places that are allowed."""
        if isinstance(path, int):
            return  # a file that is open already was decided on when it was opened
        name = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - links are followed below
        if not writes and name.startswith(self._plainly_read):
            return
        place = os.path.realpath(name)
        if _below(place, self.write) or (not writes and _below(place, self.read)):
            return
        message = _OWN_SCRATCH_ONLY if writes else OWN_SLICE_ONLY
        raise PermissionError(errno.EACCES, f"{message} {place}")


class NoEngines(MetaPathFinder):
    """Refuses to import what reads files past Python."""

    def __init__(self, line: Line | None = None) -> None:
        self._line = line

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Raise ImportError for a native reader; leave everything else to the other finders."""
        if name.partition(".")[0] in NATIVE_READERS:
            _tell(self._line, f"{_NO_ENGINES} ({name})")
            raise ImportError(f"{_NO_ENGINES} ({name})", name=name)
        return None


def _tell(line: Line | None, refusal: str) -> None:
    if line is not None:
        line.say(refusal)


def _below(place: str, roots: Sequence[str]) -> bool:
    return any(place == root or place.startswith(root.rstrip(os.sep) + os.sep) for root in roots)


def _shown(program: Any) -> str:
    return Path(os.fsdecode(program)).name if isinstance(program, str | bytes) else str(program)
