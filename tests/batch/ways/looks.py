"""What a file shows to who waits for another to read it."""

from __future__ import annotations

import ctypes
import fcntl
import mmap
import os
import signal
from collections.abc import Callable

from tests.batch.ways.way import BIT, WORD, Place, call, opened, way

# What a look at a file shows to who waits for it


def _watch_opening(p):
    p.kept.append(call(294, 26, 0o4000))
    p.notes["inotify"] = p.kept[-1]
    call(254, 27, p.kept[-1], os.fsencode(p.file("watched")), 0x20)


@way(
    "that a file is opened",
    lambda p: BIT[bool(os.read(p.notes["inotify"], 99))],
    watch=_watch_opening,
)
def _(p):
    p.file("watched").read_text()


_NOTED: list[int] = []


def _watch_folder(p):
    signal.signal(signal.SIGUSR2, lambda *_: _NOTED.append(1))
    p.kept.append(opened(p.common / "noted"))
    fcntl.fcntl(p.kept[-1], 10, signal.SIGUSR2)
    fcntl.fcntl(p.kept[-1], fcntl.F_NOTIFY, fcntl.DN_ACCESS)


@way("that a folder's file is read", lambda p: BIT[bool(_NOTED)], watch=_watch_folder)
def _(p):
    (p.common / "noted" / "x").read_text()


def _forget(name: str) -> Callable[[Place], None]:
    def watch(p):
        with p.file(name).open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

    return watch


def _in_memory(p):
    with p.file("mincore").open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 4096, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
    address = ctypes.addressof(ctypes.c_char.from_buffer(mapped))
    state = ctypes.create_string_buffer(1)
    call(27, 232, ctypes.c_void_p(address), ctypes.c_size_t(4096), state)
    return BIT[bool(state.raw[0] & 1)]


@way("what lies in memory of a file", _in_memory, watch=_forget("mincore"))
def _(p):
    p.file("mincore").read_bytes()


def _at_hand(p):
    with p.file("nowait").open("rb") as file:
        try:
            os.preadv(file.fileno(), [bytearray(8)], 0, os.RWF_NOWAIT)
        except BlockingIOError:
            return "nothing"
    return WORD


@way("what of a file can be had at once", _at_hand, watch=_forget("nowait"))
def _(p):
    p.file("nowait").read_bytes()
