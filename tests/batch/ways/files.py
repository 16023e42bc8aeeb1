"""Files, and what hangs on those that both may read."""

from __future__ import annotations

import array
import ctypes
import fcntl
import os
import signal
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path

from tests.batch.ways.way import BIT, WAYS, WORD, Place, Way, call, opened, way

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


@way("the other's scratch folder, written", lambda p: (p.scratch / "note").read_text(), after=True)
def _(p):
    (p.others / "note").write_text(WORD)


@way("whether a file is there", lambda p: BIT[(p.others / "there").exists()])
def _(p):
    (p.scratch / "there").touch()


@way("the size of a file", lambda p: BIT[(p.others / "sized").stat().st_size == 77])
def _(p):
    (p.scratch / "sized").write_bytes(b"x" * 77)


@way("where a link leads", lambda p: str((p.others / "link").readlink()))
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
    lambda p: BIT["user.marigold" in os.listxattr(p.common)],
    after=True,
)
def _(p):
    os.setxattr(p.common, "user.marigold", b"")


@way("the day of a file", lambda p: BIT[p.file("day").stat().st_mtime == 77], after=True)
def _(p):
    os.utime(p.file("day"), (77, 77))


@way("the day of an open file", lambda p: BIT[p.file("fday").stat().st_mtime == 77], after=True)
def _(p):
    os.utime(opened(p.file("fday")), (77, 77))


def _futimesat(p):
    times = (ctypes.c_long * 4)(77, 0, 77, 0)
    call(261, -1, -100, os.fsencode(p.file("old")), times)


WAYS["the day of a file, the old way"] = Way(
    _futimesat, lambda p: BIT[p.file("old").stat().st_mtime == 77], after=True
)


@way("the day of a folder", lambda p: BIT[(p.common / "folder").stat().st_mtime == 77], after=True)
def _(p):
    os.utime(p.common / "folder", (77, 77))


@way("rights of a file", lambda p: BIT[p.file("mode").stat().st_mode & 0o777 == 0o640], after=True)
def _(p):
    p.file("mode").chmod(0o640)


@way(
    "rights of an open file",
    lambda p: BIT[p.file("fmode").stat().st_mode & 0o777 == 0o640],
    after=True,
)
def _(p):
    os.chmod(opened(p.file("fmode")), 0o640)  # noqa: PTH101 - of an open file


@way("the owner of a file", lambda p: BIT[p.file("owner").stat().st_gid == 1], after=True)
def _(p):
    os.chown(p.file("owner"), -1, 1)


@way("how many names a file has", lambda p: BIT[p.file("links").stat().st_nlink > 1])
def _(p):
    os.link(p.file("links"), p.scratch / "links")


@way("the length of a file", lambda p: BIT[p.file("length").stat().st_size == 0], after=True)
def _(p):
    os.truncate(p.file("length"), 0)


def _was_read(name: str) -> Callable[[Place], str]:
    return lambda p: BIT[(p.common / name).stat().st_atime > 1000]


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


@way("a flag of a file", lambda p: BIT[bool(_flags(p.file("flag")) & _NO_DUMP)], after=True)
def _(p):
    wanted = struct.pack("l", _flags(p.file("flag")) | _NO_DUMP)
    fcntl.ioctl(opened(p.file("flag")), _SET_FLAGS, wanted)


_GET_HINT, _SET_HINT = 1035, 1036


@way(
    "a hint on how long a file will live",
    lambda p: BIT[fcntl.fcntl(opened(p.file("hint")), _GET_HINT, b"\0" * 8)[0] == 5],
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
    return BIT[struct.unpack("hhqqi4x", asked)[0] == fcntl.F_RDLCK]


@way("a POSIX lock on a file", lambda p: _holder(p, fcntl.F_GETLK))
def _(p):
    p.kept.append(opened(p.file("posix")))
    fcntl.fcntl(p.kept[-1], fcntl.F_SETLK, _lock(fcntl.F_RDLCK))


_OFD_GET, _OFD_SET = 36, 37


def _ofd_holder(p):
    asked = fcntl.fcntl(opened(p.file("ofd")), _OFD_GET, _lock(fcntl.F_WRLCK))
    return BIT[struct.unpack("hhqqi4x", asked)[0] == fcntl.F_RDLCK]


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
