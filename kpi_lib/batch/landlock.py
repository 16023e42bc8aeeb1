"""Linux Landlock without a library: this thread may touch the named places, and no others.

See landlock(7); it holds for all that the thread starts, too. What is asked of the kernel here can
only be narrowed later, never widened.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterable
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = (
    444,
    445,
    446,
)  # the same on every architecture but alpha
_ASK_VERSION = 1
_PATH_BENEATH = 1
_SET_NO_NEW_PRIVILEGES = 38

_WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE = 1 << 1, 1 << 2, 1 << 3, 1 << 14
_READ = _READ_FILE | _READ_DIR
_ON_FILES = 1 | _WRITE_FILE | _READ_FILE | _TRUNCATE | 1 << 15  # the rights a single file can have
_FILE_RIGHTS_BY_VERSION = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # how many rights each version knows
_ALL_NET = 0b11  # bind and connect of TCP, from version 4
_ALL_SCOPES = 0b11  # abstract sockets and signals to outside, from version 6


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("net", ctypes.c_uint64),
        ("scopes", ctypes.c_uint64),
    )


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """Return the version of Landlock that this machine has in force; 0 where there is none."""
    if not sys.platform.startswith("linux"):
        return 0
    found = int(_libc().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION))
    return max(found, 0)


def restrict(read: Iterable[str], write: Iterable[str], listed: Iterable[str] = ()) -> None:
    """Let this thread read below `read`, read and write below `write`, and touch nothing else.

    Below `listed` it may see which names there are. No program can be started and no TCP connection
    made, where the machine's version knows of it.
    """
    known = version()
    files = (1 << _FILE_RIGHTS_BY_VERSION.get(known, 16)) - 1
    ruleset = _new_ruleset(known, files)
    try:
        for place in read:
            _allow(ruleset, place, _READ & files)
        for place in listed:
            _allow(ruleset, place, _READ_DIR)
        for place in write:
            # Everything but starting a program.
            _allow(ruleset, place, files & ~1)
        _require_success(_libc().prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
        _require_success(_libc().syscall(_RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)


def _new_ruleset(known: int, files: int) -> int:
    """Return the descriptor of a new rule set, which forbids all that the kernel knows."""
    net = _ALL_NET if known >= 4 else 0
    scopes = _ALL_SCOPES if known >= 6 else 0
    size = 24 if known >= 6 else 16 if known >= 4 else 8
    wanted = _Ruleset(files, net, scopes)
    return _require_success(
        _libc().syscall(_CREATE_RULESET, ctypes.byref(wanted), ctypes.c_size_t(size), 0)
    )


def _allow(ruleset: int, place: str, rights: int) -> None:
    """Add a rule; a place that does not exist needs none."""
    try:
        parent = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        allowed = rights if Path(place).is_dir() else rights & _ON_FILES
        rule = _PathBeneath(allowed, parent)
        _require_success(_libc().syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0))
    finally:
        os.close(parent)


def _require_success(result: int) -> int:
    """Return what a system call returned; raise OSError where it failed."""
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"Landlock: {os.strerror(code)}")
    return result


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
