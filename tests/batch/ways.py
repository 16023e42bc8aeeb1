"""Ways in which one process could pass a word to another of the same user, each as two halves.

`tell` passes it, `hear` returns the word or what it heard instead; `watch` is done by the hearer
before anything is told. A half may leave notes for the other: numbers of processes, addresses, keys.
They go from hand to hand in the test, so that no way fails for not knowing where to look; a way that
passes a bit says the word where it is set. Half of these ways end with the process that tells;
`after` marks those that do not.
"""

from __future__ import annotations

import array
import ctypes
import errno
import fcntl
import mmap
import os
import platform
import resource
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WORD = "marigold"
_BIT = {True: WORD, False: "nothing"}
_libc = ctypes.CDLL(None, use_errno=True)
_X86 = platform.machine() == "x86_64"
_KEY = 0x4B5049  # of what System V names by number
_SECONDS = 0.5


@dataclass
class Place:
    """What both know: a folder that both may read, what each may write, and the other's notes."""

    common: Path
    scratch: Path
    others: Path
    daemon: str = ""
    notes: dict[str, Any] = field(default_factory=dict)
    kept: list[Any] = field(default_factory=list)

    def file(self, name: str) -> Path:
        """A file that both may read, for one way alone."""
        return self.common / f"{name}.py"


@dataclass(frozen=True)
class Way:
    """One way; `after`: what was told outlives who told it."""

    tell: Callable[[Place], Any]
    hear: Callable[[Place], Any]
    watch: Callable[[Place], Any] | None = None
    after: bool = False


WAYS: dict[str, Way] = {}


def way(name: str, hear: Callable, watch: Callable | None = None, after: bool = False) -> Callable:
    """Add a way by its telling half."""

    def add(tell: Callable) -> Callable:
        WAYS[name] = Way(tell, hear, watch, after)
        return tell

    return add


def call(x86: int, arm: int, *args: Any) -> int:
    """Make a system call that Python does not offer."""
    number = x86 if _X86 else arm
    if number < 0:
        raise OSError(errno.ENOSYS, "not on this machine")
    result = _libc.syscall(ctypes.c_long(number), *args)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def opened(path: Path | str) -> int:
    return os.open(path, os.O_RDONLY)


# Files in folders that everybody may write

for _name, _folder in (("/tmp", "/tmp"), ("/var/tmp", "/var/tmp"), ("/dev/shm", "/dev/shm")):
    _file = Path(_folder) / "kpi-test-of-ways"
    WAYS[f"a file in {_name}"] = Way(
        lambda p, file=_file: file.write_text(WORD),
        lambda p, file=_file: (file.read_text(), file.unlink())[0],
        after=True,
    )


@way("a file beside the packages", lambda p: (p.common / "new.py").read_text(), after=True)
def _(p):
    (p.common / "new.py").write_text(WORD)


@way("the text of a package", lambda p: p.file("text").read_text(), after=True)
def _(p):
    p.file("text").write_text(WORD)


@way("a file of another program", lambda p: Path("/tmp/kpi-test-cat").read_text(), after=True)
def _(p):
    subprocess.run(["/bin/sh", "-c", f"echo -n {WORD} > /tmp/kpi-test-cat"], check=True)


@way("the other's scratch folder, read", lambda p: (p.others / "word").read_text())
def _(p):
    (p.scratch / "word").write_text(WORD)


@way("the other's scratch folder, written", lambda p: (p.scratch / "told").read_text(), after=True)
def _(p):
    (p.others / "told").write_text(WORD)


@way("whether a file is there", lambda p: _BIT[(p.others / "there").exists()])
def _(p):
    (p.scratch / "there").touch()


@way("the size of a file", lambda p: _BIT[(p.others / "sized").stat().st_size == 77])
def _(p):
    (p.scratch / "sized").write_bytes(b"x" * 77)


@way("where a link leads", lambda p: os.readlink(p.others / "link"))
def _(p):
    (p.scratch / "link").symlink_to(WORD)


@way("a named pipe", lambda p: os.read(os.open(p.others / "pipe", os.O_RDONLY), 99).decode())
def _(p):
    os.mkfifo(p.scratch / "pipe")
    p.kept.append(os.open(p.scratch / "pipe", os.O_RDWR))
    os.write(p.kept[-1], WORD.encode())


# What hangs on a file that both may read


@way("an extended attribute", lambda p: os.getxattr(p.file("xattr"), "user.w").decode(), after=True)
def _(p):
    os.setxattr(p.file("xattr"), "user.w", WORD.encode())


@way(
    "an extended attribute of an open file",
    lambda p: os.getxattr(opened(p.file("fxattr")), "user.w").decode(),
    after=True,
)
def _(p):
    os.setxattr(opened(p.file("fxattr")), "user.w", WORD.encode())


@way(
    "an extended attribute's name",
    lambda p: _BIT["user.marigold" in os.listxattr(p.common)],
    after=True,
)
def _(p):
    os.setxattr(p.common, "user.marigold", b"")


@way("the day of a file", lambda p: _BIT[p.file("day").stat().st_mtime == 77], after=True)
def _(p):
    os.utime(p.file("day"), (77, 77))


@way("the day of an open file", lambda p: _BIT[p.file("fday").stat().st_mtime == 77], after=True)
def _(p):
    os.utime(opened(p.file("fday")), (77, 77))


def _futimesat(p):
    times = (ctypes.c_long * 4)(77, 0, 77, 0)
    call(261, -1, -100, os.fsencode(p.file("old")), times)


WAYS["the day of a file, the old way"] = Way(
    _futimesat, lambda p: _BIT[p.file("old").stat().st_mtime == 77], after=True
)


@way("the day of a folder", lambda p: _BIT[(p.common / "folder").stat().st_mtime == 77], after=True)
def _(p):
    os.utime(p.common / "folder", (77, 77))


@way("rights of a file", lambda p: _BIT[p.file("mode").stat().st_mode & 0o777 == 0o640], after=True)
def _(p):
    p.file("mode").chmod(0o640)


@way(
    "rights of an open file",
    lambda p: _BIT[p.file("fmode").stat().st_mode & 0o777 == 0o640],
    after=True,
)
def _(p):
    os.chmod(opened(p.file("fmode")), 0o640)


@way("the owner of a file", lambda p: _BIT[p.file("owner").stat().st_gid == 1], after=True)
def _(p):
    os.chown(p.file("owner"), -1, 1)


@way("how many names a file has", lambda p: _BIT[p.file("links").stat().st_nlink > 1])
def _(p):
    os.link(p.file("links"), p.scratch / "links")


@way("the length of a file", lambda p: _BIT[p.file("length").stat().st_size == 0], after=True)
def _(p):
    os.truncate(p.file("length"), 0)


def _was_read(name: str) -> Callable[[Place], str]:
    return lambda p: _BIT[(p.common / name).stat().st_atime > 1000]


@way("when a file was read", _was_read("read.py"), after=True)
def _(p):
    p.file("read").read_text()


@way("when a folder was listed", _was_read("listed"), after=True)
def _(p):
    list((p.common / "listed").iterdir())


_NO_DUMP, _GET_FLAGS, _SET_FLAGS = 0x40, 0x80086601, 0x40086602


def _flags(path: Path) -> int:
    got = array.array("l", [0])
    fcntl.ioctl(opened(path), _GET_FLAGS, got)
    return got[0]


@way("a flag of a file", lambda p: _BIT[bool(_flags(p.file("flag")) & _NO_DUMP)], after=True)
def _(p):
    wanted = struct.pack("l", _flags(p.file("flag")) | _NO_DUMP)
    fcntl.ioctl(opened(p.file("flag")), _SET_FLAGS, wanted)


_GET_HINT, _SET_HINT = 1035, 1036


@way(
    "a hint on how long a file will live",
    lambda p: _BIT[fcntl.fcntl(opened(p.file("hint")), _GET_HINT, b"\0" * 8)[0] == 5],
)
def _(p):
    p.kept.append(opened(p.file("hint")))
    fcntl.fcntl(p.kept[-1], _SET_HINT, struct.pack("Q", 5))


def _is_locked(p):
    try:
        fcntl.flock(opened(p.file("flock")), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return WORD
    return "nothing"


@way("a lock on a file", _is_locked)
def _(p):
    p.kept.append(opened(p.file("flock")))
    fcntl.flock(p.kept[-1], fcntl.LOCK_EX)


def _lock(kind: int) -> bytes:
    return struct.pack("hhqqi4x", kind, 0, 0, 0, 0)


def _holder(p, command: int) -> str:
    asked = fcntl.fcntl(opened(p.file("posix")), command, _lock(fcntl.F_WRLCK))
    return _BIT[struct.unpack("hhqqi4x", asked)[0] == fcntl.F_RDLCK]


@way("a POSIX lock on a file", lambda p: _holder(p, fcntl.F_GETLK))
def _(p):
    p.kept.append(opened(p.file("posix")))
    fcntl.fcntl(p.kept[-1], fcntl.F_SETLK, _lock(fcntl.F_RDLCK))


_OFD_GET, _OFD_SET = 36, 37


def _ofd_holder(p):
    asked = fcntl.fcntl(opened(p.file("ofd")), _OFD_GET, _lock(fcntl.F_WRLCK))
    return _BIT[struct.unpack("hhqqi4x", asked)[0] == fcntl.F_RDLCK]


@way("a lock of an open file", _ofd_holder)
def _(p):
    p.kept.append(opened(p.file("ofd")))
    fcntl.fcntl(p.kept[-1], _OFD_SET, _lock(fcntl.F_RDLCK))


def _is_leased(p):
    try:
        os.open(p.file("lease"), os.O_WRONLY | os.O_NONBLOCK)
    except BlockingIOError:
        return WORD
    return "nothing"


@way("a lease on a file", _is_leased)
def _(p):
    signal.signal(signal.SIGIO, signal.SIG_IGN)
    p.kept.append(opened(p.file("lease")))
    fcntl.fcntl(p.kept[-1], fcntl.F_SETLEASE, fcntl.F_RDLCK)


# What a look at a file shows to who waits for it


def _watch_opening(p):
    p.kept.append(call(294, 26, 0o4000))
    p.notes["inotify"] = p.kept[-1]
    call(254, 27, p.kept[-1], os.fsencode(p.file("watched")), 0x20)


@way(
    "that a file is opened",
    lambda p: _BIT[bool(os.read(p.notes["inotify"], 99))],
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


@way("that a folder's file is read", lambda p: _BIT[bool(_NOTED)], watch=_watch_folder)
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
    return _BIT[bool(state.raw[0] & 1)]


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


# System V and POSIX


def _shm(p):
    _libc.shmat.restype = ctypes.c_void_p
    number = call(29, 194, _KEY, 64, 0o600)
    return ctypes.string_at(ctypes.c_void_p(_libc.shmat(number, None, 0)).value).decode()


@way("shared memory of System V", _shm, after=True)
def _(p):
    _libc.shmat.restype = ctypes.c_void_p
    number = call(29, 194, _KEY, 64, 0o1600)
    ctypes.memmove(_libc.shmat(number, None, 0), WORD.encode() + b"\0", len(WORD) + 1)


def _semaphore(p):
    return _BIT[call(66, 191, call(64, 190, _KEY, 1, 0o600), 0, 12) == 77]  # GETVAL


@way("a semaphore of System V", _semaphore, after=True)
def _(p):
    call(66, 191, call(64, 190, _KEY, 1, 0o1600), 0, 16, 77)  # SETVAL


def _message(p):
    buffer = ctypes.create_string_buffer(8 + 64)
    length = call(70, 188, call(68, 186, _KEY, 0o600), buffer, ctypes.c_size_t(64), 0, 0o4000)
    return buffer.raw[8 : 8 + length].decode()


@way("a message queue of System V", _message, after=True)
def _(p):
    text = struct.pack("l", 1) + WORD.encode()
    call(69, 189, call(68, 186, _KEY, 0o1600), text, ctypes.c_size_t(len(WORD)), 0o4000)


_QUEUE = b"kpi-test-of-ways"


def _queued(p):
    number = call(240, 180, _QUEUE, os.O_RDONLY | os.O_NONBLOCK, 0, None)
    call(241, 181, _QUEUE)
    buffer = ctypes.create_string_buffer(64)
    return buffer.raw[: call(243, 183, number, buffer, ctypes.c_size_t(64), None, None)].decode()


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
    _libc.sem_open.restype = ctypes.c_void_p
    found = _libc.sem_open(b"/kpi-test", 0)
    _libc.sem_unlink(b"/kpi-test")
    return _BIT[bool(found)]


@way("a semaphore of POSIX", _named_semaphore, after=True)
def _(p):
    _libc.sem_open.restype = ctypes.c_void_p
    if not _libc.sem_open(b"/kpi-test", os.O_CREAT, 0o600, 1):
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


# Sockets


def _listens(p, address: str | tuple, family: int) -> None:
    server = socket.socket(family)
    p.kept.append(server)
    server.bind(address)
    server.listen()


def _connects(address: Any, family: int) -> str:
    with socket.socket(family) as client:
        client.settimeout(_SECONDS)
        client.connect(address)
    return WORD


@way("a Unix socket by path", lambda p: _connects(str(p.others / "server"), socket.AF_UNIX))
def _(p):
    _listens(p, str(p.scratch / "server"), socket.AF_UNIX)


@way("an abstract Unix socket", lambda p: _connects("\0kpi-test", socket.AF_UNIX))
def _(p):
    _listens(p, "\0kpi-test", socket.AF_UNIX)


@way(
    "a connection of TCP",
    lambda p: _connects(("127.0.0.1", p.notes["tcp"]), socket.AF_INET),
)
def _(p):
    _listens(p, ("127.0.0.1", 0), socket.AF_INET)
    p.notes["tcp"] = p.kept[-1].getsockname()[1]


def _receives(name: str, family: int, address: Callable[[Place], Any]) -> Callable:
    def watch(p):
        server = socket.socket(family, socket.SOCK_DGRAM)
        server.settimeout(_SECONDS)
        p.notes[f"{name} socket"] = server.fileno()
        p.kept.append(server)
        server.bind(address(p))
        own = server.getsockname()
        p.notes[name] = own if isinstance(own, tuple) else str(address(p))

    return watch


def _received(name: str) -> Callable[[Place], str]:
    def hear(p):
        return os.read(p.notes[f"{name} socket"], 99).decode()

    return hear


def _datagram(name: str, family: int, address: Callable[[Place], Any], send: Callable) -> None:
    def tell(p):
        to = p.notes.get(name)
        to = tuple(to) if isinstance(to, list) else to or address(p)
        send(family, to)

    WAYS[name] = Way(tell, _received(name), _receives(name, family, address))


def _send_to(family, to):
    socket.socket(family, socket.SOCK_DGRAM).sendto(WORD.encode(), to)


def _send_message(family, to):
    socket.socket(family, socket.SOCK_DGRAM).sendmsg([WORD.encode()], [], 0, to)


def _connect_first(family, to):
    client = socket.socket(family, socket.SOCK_DGRAM)
    client.connect(to)
    client.send(WORD.encode())


def _of_a_pair(family, to):
    socket.socketpair(family, socket.SOCK_DGRAM)[0].sendto(WORD.encode(), to)


_HERE, _HERE_6 = (lambda p: ("127.0.0.1", 0)), (lambda p: ("::1", 0))
_datagram("a datagram of UDP", socket.AF_INET, _HERE, _send_to)
_datagram("a message of UDP", socket.AF_INET, _HERE, _send_message)
_datagram("a connected datagram of UDP", socket.AF_INET, _HERE, _connect_first)
_datagram("a datagram of UDP by IPv6", socket.AF_INET6, _HERE_6, _send_to)
_datagram(
    "a datagram to a path", socket.AF_UNIX, lambda p: str(p.scratch / "datagram"), _send_message
)
_datagram("a datagram to a name", socket.AF_UNIX, lambda p: "\0kpi-test-datagram", _send_to)
_datagram("a datagram of a pair", socket.AF_UNIX, lambda p: str(p.scratch / "pair"), _of_a_pair)


def _in_use(kind: int, address: Any, family: int = socket.AF_INET) -> str:
    with socket.socket(family, kind) as second:
        try:
            second.bind(address)
        except OSError as error:
            return _BIT[error.errno == errno.EADDRINUSE]
    return "nothing"


for _name, _kind in (("TCP", socket.SOCK_STREAM), ("UDP", socket.SOCK_DGRAM)):

    def _occupy(p, kind=_kind, name=_name):
        p.kept.append(socket.socket(socket.AF_INET, kind))
        p.kept[-1].bind(("127.0.0.1", 0))
        p.notes[f"port {name}"] = p.kept[-1].getsockname()[1]

    WAYS[f"a port of {_name} that is taken"] = Way(
        _occupy,
        lambda p, kind=_kind, name=_name: _in_use(kind, ("127.0.0.1", p.notes[f"port {name}"])),
    )


@way(
    "an abstract name that is taken",
    lambda p: _in_use(socket.SOCK_STREAM, "\0kpi-test-taken", socket.AF_UNIX),
)
def _(p):
    p.kept.append(socket.socket(socket.AF_UNIX))
    p.kept[-1].bind("\0kpi-test-taken")


@way(
    "the list of Unix sockets",
    lambda p: _BIT["kpi-test-marigold" in Path("/proc/self/net/unix").read_text()],
)
def _(p):
    p.kept.append(socket.socket(socket.AF_UNIX))
    p.kept[-1].bind("\0kpi-test-marigold")


def _watch_netlink(p):
    server = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 2)  # NETLINK_USERSOCK
    server.settimeout(_SECONDS)
    p.kept.append(server)
    server.bind((0, 1))
    p.notes["netlink socket"] = server.fileno()


@way(
    "netlink between programs",
    lambda p: os.read(p.notes["netlink socket"], 99).decode(),
    watch=_watch_netlink,
)
def _(p):
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 2).sendto(WORD.encode(), (0, 1))


def _ask_daemon(p, question: str) -> str:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(_SECONDS)
        client.connect(p.daemon)
        client.sendall(question.encode())
        return client.recv(99).decode()


@way("a daemon's socket", lambda p: _ask_daemon(p, "?"), after=True)
def _(p):
    _ask_daemon(p, WORD)


# Processes


def _survivor() -> None:
    """Leave a process of its own behind, which serves for two seconds."""
    if os.fork():
        return
    os.setsid()
    for number in (0, 1, 2):
        os.close(number)
    with suppress(OSError), socket.socket(socket.AF_UNIX) as server:
        server.settimeout(2)
        server.bind("\0kpi-test-survivor")
        server.listen()
        server.accept()
    os._exit(0)


def _meets_survivor(p):
    until = time.monotonic() + 1
    while time.monotonic() < until:
        with suppress(ConnectionRefusedError):
            return _connects("\0kpi-test-survivor", socket.AF_UNIX)
    return "nothing"


@way("a process that stays behind", _meets_survivor, after=True)
def _(p):
    _survivor()


_SIGNALLED: list[int] = []


def _watch_signal(number: int) -> Callable[[Place], None]:
    def watch(p):
        signal.signal(number, lambda got, _: _SIGNALLED.append(got))

    return watch


def _signal_way(name: str, number: int, send: Callable[[int, int], Any]) -> None:
    WAYS[name] = Way(
        lambda p: send(p.notes["hearer"], number),
        lambda p: (time.sleep(0.01), _BIT[number in _SIGNALLED])[1],
        _watch_signal(number),
    )


_signal_way("a signal", signal.SIGUSR1, os.kill)
_signal_way(
    "a signal to a thread", signal.SIGRTMIN + 1, lambda pid, n: call(234, 131, pid, pid, n)
)
_signal_way(
    "a signal with a value",
    signal.SIGRTMIN + 2,
    lambda pid, n: call(129, 138, pid, n, struct.pack("iii", n, 0, -1) + b"\0" * 116),
)
_signal_way(
    "a signal by a process's handle",
    signal.SIGRTMIN + 3,
    lambda pid, n: signal.pidfd_send_signal(os.pidfd_open(pid), n),
)
_signal_way("a signal to a group", signal.SIGRTMIN + 4, lambda pid, n: os.killpg(pid, n))


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
    with open(f"/proc/{p.notes['teller']}/mem", "rb", buffering=0) as memory:
        memory.seek(p.notes["address"])
        return memory.read(len(WORD)).decode()


def _peek(p):
    pid = p.notes["teller"]
    _libc.ptrace.restype = ctypes.c_long
    if _libc.ptrace(16, pid, None, None) < 0:  # PTRACE_ATTACH
        raise OSError(ctypes.get_errno(), "ptrace")
    os.waitpid(pid, 0)
    word = _libc.ptrace(2, pid, ctypes.c_void_p(p.notes["address"]), None)  # PTRACE_PEEKDATA
    _libc.ptrace(17, pid, None, None)  # PTRACE_DETACH
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
    _libc.prctl(15, WORD.encode(), 0, 0, 0)


@way("where a process is", lambda p: Path(os.readlink(f"/proc/{p.notes['teller']}/cwd")).name)
def _(p):
    (p.scratch / WORD).mkdir()
    os.chdir(p.scratch / WORD)


def _how_many(file: str, size: Callable[[os.stat_result], int]) -> tuple[Callable, Callable]:
    name = f"before, {file}"

    def watch(p):
        p.notes[name] = size(os.stat(f"/proc/{p.notes['teller']}/{file}"))

    def hear(p):
        return _BIT[size(os.stat(f"/proc/{p.notes['teller']}/{file}")) > p.notes[name] + 40]

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


@way(
    "the numbers that threads are given",
    lambda p: _BIT[_next_thread() > p.notes["thread"] + 40],
    watch=lambda p: p.notes.update(thread=_next_thread()),
)
def _(p):
    p.kept.append([_idle() for _ in range(60)])


def _property(name: str, put: Callable[[], Any], got: Callable[[int], bool]) -> None:
    WAYS[name] = Way(lambda p: put(), lambda p: _BIT[got(p.notes["teller"])])


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


def _waiting_signals() -> int:
    status = Path("/proc/self/status").read_text()
    return int(status.partition("SigQ:")[2].split("/")[0])


def _more_waiting(name: str) -> tuple[Callable, Callable]:
    def watch(p):
        p.notes[name] = _waiting_signals()

    return (lambda p: _BIT[_waiting_signals() > p.notes[name] + 20]), watch


@way("how many timers a user has", *_more_waiting("timers"))
def _(p):
    for _ in range(40):
        call(222, 107, 1, None, ctypes.byref(ctypes.c_int()))


@way("how many signals of a user wait", *_more_waiting("signals"))
def _(p):
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGRTMIN + 9])
    for _ in range(40):
        os.kill(os.getpid(), signal.SIGRTMIN + 9)


_MOST = 64 << 20


def _free(p) -> int:
    found = os.statvfs(p.common)
    return found.f_bavail * found.f_frsize


@way(
    "how much room a disc has",
    lambda p: _BIT[p.notes["free"] - _free(p) > _MOST // 2],
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


def clean() -> None:
    """Take away what is kept when all processes have ended."""
    for left in (*Path("/tmp").glob("kpi-test-*"), *Path("/dev/shm").glob("*kpi-test*")):
        left.unlink()
    for get, put_away, more in ((29, 31, (64,)), (64, 66, (1,)), (68, 71, ())):
        arm = {29: 194, 31: 195, 64: 190, 66: 191, 68: 186, 71: 187}
        with suppress(OSError):
            number = call(get, arm[get], _KEY, *more, 0o600)
            call(put_away, arm[put_away], number, *((0, 0) if get == 64 else (0, None)))


# What ZeroMQ does past Python; last, since it ends a process that it cannot go on in


def _zmq_hears(p):
    import zmq

    client = zmq.Context().socket(zmq.PULL)
    client.rcvtimeo, client.linger = 500, 0
    client.connect(f"ipc://{p.others}/zmq")
    return client.recv().decode()


@way("a socket of ZeroMQ", _zmq_hears)
def _(p):
    import zmq

    server = zmq.Context().socket(zmq.PUSH)
    server.linger, server.sndtimeo = 0, 500
    p.kept.append(server)
    server.bind(f"ipc://{p.scratch}/zmq")
    threading.Thread(target=server.send, args=(WORD.encode(),), daemon=True).start()
