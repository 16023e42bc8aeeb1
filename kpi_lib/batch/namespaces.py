"""A room of a kernel's own: no other process, socket or folder of the machine is in it.

Namespaces of Linux, see namespaces(7): of users, so that no rights are needed for the others; of
mounts, networks and interprocess communication. Not every machine grants them.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path

_USERS, _MOUNTS, _IPC, _NETWORK = 0x10000000, 0x00020000, 0x08000000, 0x40000000
_BIND, _MOVE, _ALL_BELOW, _PRIVATE = 4096, 8192, 16384, 1 << 18
_NO_SET_ID, _NO_DEVICES, _NO_PROGRAMS = 2, 4, 8
_SET_ATTRIBUTES = 442
_HERE, _RECURSIVE, _READ_ONLY = -100, 0x8000, 1
_SHARED = Path("/dev/shm")
# Where other programs have their files, sockets and selves.
_HIDDEN = ("/run", "/var/tmp", "/tmp", "/proc")
_SCRATCH = "size=256m"  # what a report may write


class _Attributes(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "users"))


@cache
def granted() -> bool:
    """Return whether this machine grants a room, tried once in a process of its own."""
    if not sys.platform.startswith("linux"):
        return False
    command = (sys.executable, "-m", __name__)
    # From the root: a project in a folder that a room hides is no reason to do without one.
    done = subprocess.run(command, cwd="/", check=False, stderr=subprocess.DEVNULL)
    return done.returncode == 0


def enter(read: Iterable[str] = (), write: Iterable[str] = ()) -> None:
    """Put this process, of one thread, into a room with only these places, for good.

    What it writes lies in memory from here on, and goes with it. Raises OSError where the machine
    does not grant it; the process is in half a room then, and must end.
    """
    may_write = [place for place in write if Path(place).is_dir()]
    here, user, group = Path.cwd(), os.getuid(), os.getgid()
    _require_success(_libc().unshare(_USERS | _MOUNTS | _IPC | _NETWORK))
    # Files keep their owners: each number means itself.
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    _mount("none", Path("/"), flags=_ALL_BELOW | _PRIVATE)
    _mount_empty(_SHARED)
    stage = _SHARED / "stage"
    stage.mkdir()
    for folder in filter(_is_plain_folder, map(Path, _HIDDEN)):
        kept = _below(folder, (*read, *may_write))
        if folder not in kept:
            _hide(folder, kept, stage)
    _let_only_read()
    for place in map(Path, may_write):
        _make_own(place, stage)
    os.chdir(here)  # the working folder was that of before


def _is_plain_folder(place: Path) -> bool:
    return place.is_dir() and not place.is_symlink()


def _below(folder: Path, places: Iterable[str]) -> list[Path]:
    """Return what is to be kept of a folder: the places in it, each once, none in another.

    Of the processes only this one, which is found by its number and as "self".
    """
    own = (f"/proc/{os.getpid()}",)
    there = sorted(p for p in map(Path, {*places, *own}) if p.is_relative_to(folder) and p.exists())
    return [p for p in there if not any(p != other and p.is_relative_to(other) for other in there)]


def _hide(folder: Path, kept: Iterable[Path], stage: Path) -> None:
    """Put an empty folder in place of one, with only what is kept of it."""
    _mount_empty(stage)
    for place in kept:
        there = stage / place.relative_to(folder)
        if place.is_dir():
            there.mkdir(parents=True)
        else:
            there.parent.mkdir(parents=True, exist_ok=True)
            there.touch()
        _mount(str(place), there, flags=_BIND | _ALL_BELOW)
    if folder == Path("/proc"):
        (stage / "self").symlink_to(str(os.getpid()))
    _mount(str(stage), folder, flags=_MOVE)


def _make_own(place: Path, stage: Path) -> None:
    """Put a copy in memory in place of a folder that may be written: it goes with the process."""
    _mount_empty(stage, _SCRATCH)
    shutil.copytree(place, stage, dirs_exist_ok=True, copy_function=shutil.copyfile)
    _mount(str(stage), place, flags=_MOVE)


def _let_only_read() -> None:
    """Make every file system one that is only read, so that not even the time of reading stays."""
    wanted = _Attributes(set=_READ_ONLY)
    size = ctypes.c_size_t(ctypes.sizeof(wanted))
    call = (_SET_ATTRIBUTES, _HERE, b"/", _RECURSIVE, ctypes.byref(wanted), size)
    _require_success(_libc().syscall(*call))


def _mount_empty(place: Path, options: str = "size=1m") -> None:
    _mount("tmpfs", place, "tmpfs", _NO_SET_ID | _NO_DEVICES | _NO_PROGRAMS, options)


def _mount(source: str, target: Path, kind: str = "", flags: int = 0, options: str = "") -> None:
    texts = [os.fsencode(text) if text else None for text in (source, target, kind, options)]
    _require_success(_libc().mount(texts[0], texts[1], texts[2], ctypes.c_ulong(flags), texts[3]))


def _require_success(result: int) -> None:
    """Raise OSError where a system call failed."""
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"namespaces: {os.strerror(code)}")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


if __name__ == "__main__":
    enter()
