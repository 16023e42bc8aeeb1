"""What a process leaves behind, shows of itself, or lets others do to it."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.batch.ways.sockets import connects
from tests.batch.ways.way import BIT, WAYS, WORD, Place, Way, call, libc, way

# Processes


def _survivor() -> None:
    """Leave a process of its own behind, which serves until it is met, or for some seconds."""
    if os.fork():
        return
    os.setsid()
    os.closerange(0, 256)
    with suppress(OSError), socket.socket(socket.AF_UNIX) as server:
        server.settimeout(8)
        server.bind("\0kpi-test-survivor")
        server.listen()
        server.accept()
    os._exit(0)


def _meets_survivor(p):
    until = time.monotonic() + 1
    while time.monotonic() < until:
        with suppress(ConnectionRefusedError):
            return connects("\0kpi-test-survivor", socket.AF_UNIX)
    return "nothing"


@way("a process that stays behind", _meets_survivor, after=True)
def _(p):
    _survivor()


_REAL_TIME = getattr(signal, "SIGRTMIN", 34)  # macOS has none
_SIGNALLED: list[int] = []


def _watch_signal(number: int) -> Callable[[Place], None]:
    def watch(p):
        signal.signal(number, lambda got, _: _SIGNALLED.append(got))

    return watch


def _signal_way(name: str, number: int, send: Callable[[int, int], Any]) -> None:
    WAYS[name] = Way(
        lambda p: send(p.notes["hearer"], number),
        lambda p: (time.sleep(0.01), BIT[number in _SIGNALLED])[1],
        _watch_signal(number),
    )


_signal_way("a signal", signal.SIGUSR1, os.kill)
_signal_way("a signal to a thread", _REAL_TIME + 1, lambda pid, n: call(234, 131, pid, pid, n))
_signal_way(
    "a signal with a value",
    _REAL_TIME + 2,
    lambda pid, n: call(129, 138, pid, n, struct.pack("iii", n, 0, -1) + b"\0" * 116),
)
_signal_way(
    "a signal by a process's handle",
    _REAL_TIME + 3,
    lambda pid, n: signal.pidfd_send_signal(os.pidfd_open(pid), n),
)


def _keep_in_memory(p):
    p.kept.append(ctypes.create_string_buffer(WORD.encode()))
    p.notes["address"] = ctypes.addressof(p.kept[-1])


def _read_memory(p):
    buffer = ctypes.create_string_buffer(len(WORD))
    here = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), len(WORD))
    there = (ctypes.c_size_t * 2)(p.notes["address"], len(WORD))
    call(310, 270, p.notes["teller"], here, 1, there, 1, 0)
    return buffer.raw.decode()


def _read_mem_file(p):
    with Path(f"/proc/{p.notes['teller']}/mem").open("rb", buffering=0) as memory:
        memory.seek(p.notes["address"])
        return memory.read(len(WORD)).decode()


def _peek(p):
    pid = p.notes["teller"]
    libc.ptrace.restype = ctypes.c_long
    if libc.ptrace(16, pid, None, None) < 0:  # PTRACE_ATTACH
        raise OSError(ctypes.get_errno(), "ptrace")
    os.waitpid(pid, 0)
    word = libc.ptrace(2, pid, ctypes.c_void_p(p.notes["address"]), None)  # PTRACE_PEEKDATA
    libc.ptrace(17, pid, None, None)  # PTRACE_DETACH
    return struct.pack("l", word).decode()


WAYS["another's memory"] = Way(_keep_in_memory, _read_memory)
WAYS["another's memory, as a file"] = Way(_keep_in_memory, _read_mem_file)
WAYS["another, traced"] = Way(_keep_in_memory, _peek)


def _borrow(p):
    number = call(438, 438, os.pidfd_open(p.notes["teller"]), p.notes["pipe"], 0)
    return os.read(number, 99).decode()


@way("another's open file", _borrow)
def _(p):
    ends = os.pipe()
    p.kept.append(ends)
    os.write(ends[1], WORD.encode())
    p.notes["pipe"] = ends[0]


def _memory_file(p):
    return Path(f"/proc/{p.notes['teller']}/fd/{p.notes['memfd']}").read_text()


@way("a file in memory", _memory_file)
def _(p):
    p.notes["memfd"] = os.memfd_create("kpi-test")
    os.write(p.notes["memfd"], WORD.encode())


def _of_teller(file: str) -> Callable[[Place], str]:
    return lambda p: Path(f"/proc/{p.notes['teller']}/{file}").read_text().strip()


@way("a process's name", _of_teller("comm"))
def _(p):
    libc.prctl(15, WORD.encode(), 0, 0, 0)


@way("where a process is", lambda p: Path(f"/proc/{p.notes['teller']}/cwd").readlink().name)
def _(p):
    (p.scratch / WORD).mkdir()
    os.chdir(p.scratch / WORD)


def _waiting_signals() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("SigQ:")[2].split("/")[0])


def _more_waiting(name: str) -> tuple[Callable, Callable]:
    def watch(p):
        p.notes[name] = _waiting_signals()

    return (lambda p: BIT[_waiting_signals() > p.notes[name] + 20]), watch


@way("how many timers a user has", *_more_waiting("timers"))
def _(p):
    for _ in range(40):
        call(222, 107, 1, None, ctypes.byref(ctypes.c_int()))


@way("how many signals of a user wait", *_more_waiting("signals"))
def _(p):
    signal.pthread_sigmask(signal.SIG_BLOCK, [_REAL_TIME + 9])
    for _ in range(40):
        os.kill(os.getpid(), _REAL_TIME + 9)


def _how_many(file: str, size: Callable[[os.stat_result], int]) -> tuple[Callable, Callable]:
    name = f"before, {file}"

    def watch(p):
        p.notes[name] = size(Path(f"/proc/{p.notes['teller']}/{file}").stat())

    def hear(p):
        return BIT[size(Path(f"/proc/{p.notes['teller']}/{file}").stat()) > p.notes[name] + 40]

    return hear, watch


@way("how many files a process has open", *_how_many("fd", lambda s: s.st_size))
def _(p):
    p.kept.append([os.dup(0) for _ in range(60)])


def _idle(seconds: float = 20.0) -> threading.Thread:
    thread = threading.Thread(target=time.sleep, args=(seconds,), daemon=True)
    thread.start()
    return thread


@way("how many threads a process has", *_how_many("task", lambda s: s.st_nlink))
def _(p):
    p.kept.append([_idle() for _ in range(60)])


def _next_thread() -> int:
    thread = threading.Thread(target=lambda: None)
    thread.start()
    thread.join()
    return thread.native_id or 0


MADE = 3000  # threads: far more than all others of a busy machine make in the time of a test


@way(
    "the numbers that threads are given",
    lambda p: BIT[_next_thread() > p.notes["thread"] + MADE * 2 // 3],
    watch=lambda p: p.notes.update(thread=_next_thread()),
)
def _(p):
    for _ in range(MADE):
        _next_thread()


def _property(name: str, put: Callable[[], Any], got: Callable[[int], bool]) -> None:
    WAYS[name] = Way(lambda p: put(), lambda p: BIT[got(p.notes["teller"])])


_property(
    "a process's priority",
    lambda: os.setpriority(os.PRIO_PROCESS, 0, 7),
    lambda pid: os.getpriority(os.PRIO_PROCESS, pid) == 7,
)
_property(
    "a process's processors",
    lambda: os.sched_setaffinity(0, [0]),
    lambda pid: os.sched_getaffinity(pid) == {0},
)
_property(
    "a process's scheduler",
    lambda: os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0)),
    lambda pid: os.sched_getscheduler(pid) == os.SCHED_BATCH,
)
_property(
    "a process's limits",
    lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)),
    lambda pid: resource.prlimit(pid, resource.RLIMIT_CORE) == (0, 0),
)
_property(
    "a process's turn at the disc",
    lambda: call(251, 30, 1, 0, (2 << 13) | 6),
    lambda pid: call(252, 31, 1, pid) == (2 << 13) | 6,
)
_property("a process's group", lambda: os.setpgid(0, 0), lambda pid: os.getpgid(pid) == pid)


_MOST = 64 << 20


def _free(p) -> int:
    found = os.statvfs(p.common)
    return found.f_bavail * found.f_frsize


@way(
    "how much room a disc has",
    lambda p: BIT[p.notes["free"] - _free(p) > _MOST // 2],
    watch=lambda p: p.notes.update(free=_free(p)),
)
def _(p):
    (p.scratch / "much").write_bytes(os.urandom(1 << 20) * (_MOST >> 20))
    os.sync()


@way("a terminal", lambda p: os.read(os.open(p.notes["pty"], os.O_RDWR), 9).decode().strip())
def _(p):
    ends = os.openpty()
    p.kept.append(ends)
    p.notes["pty"] = os.ttyname(ends[1])
    os.write(ends[0], WORD.encode() + b"\n")
