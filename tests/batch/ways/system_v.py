"""What System V, POSIX and the kernel's keys keep."""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.batch.ways.way import BIT, WAYS, WORD, Place, Way, call, libc, way

KEY = 0x4B5049  # of what System V names by number

# System V and POSIX


def _shm(p):
    libc.shmat.restype = ctypes.c_void_p
    number = call(29, 194, KEY, 64, 0o600)
    return ctypes.string_at(ctypes.c_void_p(libc.shmat(number, None, 0)).value).decode()


@way("shared memory of System V", _shm, after=True)
def _(p):
    libc.shmat.restype = ctypes.c_void_p
    number = call(29, 194, KEY, 64, 0o1600)
    ctypes.memmove(libc.shmat(number, None, 0), WORD.encode() + b"\0", len(WORD) + 1)


def _semaphore(p):
    return BIT[call(66, 191, call(64, 190, KEY, 1, 0o600), 0, 12) == 77]  # GETVAL


@way("a semaphore of System V", _semaphore, after=True)
def _(p):
    call(66, 191, call(64, 190, KEY, 1, 0o1600), 0, 16, 77)  # SETVAL


def _message(p):
    buffer = ctypes.create_string_buffer(8 + 64)
    length = call(70, 188, call(68, 186, KEY, 0o600), buffer, ctypes.c_size_t(64), 0, 0o4000)
    return buffer.raw[8 : 8 + length].decode()


@way("a message queue of System V", _message, after=True)
def _(p):
    text = struct.pack("l", 1) + WORD.encode()
    call(69, 189, call(68, 186, KEY, 0o1600), text, ctypes.c_size_t(len(WORD)), 0o4000)


_QUEUE = b"kpi-test-of-ways"


def _queued(p):
    number = call(240, 180, _QUEUE, os.O_RDONLY | os.O_NONBLOCK, 0, None)
    call(241, 181, _QUEUE)
    buffer = ctypes.create_string_buffer(64)
    length = call(243, 183, number, buffer, ctypes.c_size_t(64), None, None)
    return buffer.raw[:length].decode()


@way("a message queue of POSIX", _queued, after=True)
def _(p):
    sized = (ctypes.c_long * 8)(0, 4, 64, 0)
    number = call(240, 180, _QUEUE, os.O_WRONLY | os.O_CREAT, 0o600, sized)
    call(242, 182, number, WORD.encode(), ctypes.c_size_t(len(WORD)), 0, None)


def _shared(p):
    from multiprocessing import resource_tracker, shared_memory

    memory = shared_memory.SharedMemory("kpi-test")
    text = bytes(memory.buf[: len(WORD)]).decode()
    with suppress(OSError):
        resource_tracker.unregister("/kpi-test", "shared_memory")
    memory.close()
    Path("/dev/shm/kpi-test").unlink()
    return text


@way("shared memory of POSIX", _shared)
def _(p):
    import _posixshmem

    number = _posixshmem.shm_open("/kpi-test", os.O_CREAT | os.O_RDWR, mode=0o600)
    os.ftruncate(number, 4096)
    os.write(number, WORD.encode())


def _named_semaphore(p):
    libc.sem_open.restype = ctypes.c_void_p
    found = libc.sem_open(b"/kpi-test", 0)
    libc.sem_unlink(b"/kpi-test")
    return BIT[bool(found)]


@way("a semaphore of POSIX", _named_semaphore, after=True)
def _(p):
    libc.sem_open.restype = ctypes.c_void_p
    if not libc.sem_open(b"/kpi-test", os.O_CREAT, 0o600, 1):
        raise OSError(ctypes.get_errno(), "sem_open")


def _key(ring: int) -> Callable[[Place], str]:
    def hear(p):
        number = call(250, 219, 10, ring, b"user", b"kpi-test", 0)  # KEYCTL_SEARCH
        buffer = ctypes.create_string_buffer(64)
        length = call(250, 219, 11, number, buffer, ctypes.c_size_t(64))  # KEYCTL_READ
        call(250, 219, 9, number, ring)  # KEYCTL_UNLINK
        return buffer.raw[:length].decode()

    return hear


for _name, _ring in (("of the user", -4), ("of the user's session", -5)):
    WAYS[f"a key {_name}"] = Way(
        lambda p, ring=_ring: call(
            248, 217, b"user", b"kpi-test", WORD.encode(), ctypes.c_size_t(len(WORD)), ring
        ),
        _key(_ring),
        after=True,
    )


def clean() -> None:
    """Take away what is kept when all processes have ended."""
    for left in (*Path("/tmp").glob("kpi-test-*"), *Path("/dev/shm").glob("*kpi-test*")):
        left.unlink()
    for get, put_away, more in ((29, 31, (64,)), (64, 66, (1,)), (68, 71, ())):
        arm = {29: 194, 31: 195, 64: 190, 66: 191, 68: 186, 71: 187}
        with suppress(OSError):
            number = call(get, arm[get], KEY, *more, 0o600)
            call(put_away, arm[put_away], number, *((0, 0) if get == 64 else (0, None)))
