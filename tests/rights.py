"""The right to read: root has it of every file, so a test of a file without it sets it aside."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager

VERSION = 0x20080522  # of the structures below: linux/capability.h
READS_ALL = (1 << 1) | (1 << 2)  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Rights(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable"))


@contextmanager
def as_anybody() -> Iterator[None]:
    """Let this thread read within only what its files' modes allow, whoever runs it."""
    if os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header, rights = _Header(VERSION, 0), (_Rights * 2)()
    _require(libc.capget(ctypes.byref(header), rights))
    before = rights[0].effective
    rights[0].effective = before & ~READS_ALL
    _require(libc.capset(ctypes.byref(header), rights))
    try:
        yield
    finally:
        rights[0].effective = before
        _require(libc.capset(ctypes.byref(header), rights))


def _require(status: int) -> None:
    if status:
        raise OSError(ctypes.get_errno(), "the rights of this thread cannot be read or set")
