"""Linux seccomp without a library: a filter of this process's system calls, for good.

See seccomp(2). What is not named is refused, and the refusal is put to whoever holds the listener,
who answers for the system and so knows of it. It holds for all threads that are started later.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from kpi_lib.batch import syscalls

_SET_NO_NEW_PRIVILEGES, _SET_FILTER, _NEW_LISTENER = 38, 1, 1 << 3
_SECCOMP = {"x86_64": 317, "aarch64": 277}
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32 = 0x40000000  # numbers from here on are x86-64's second, forgotten set

_ALLOW, _ASK, _KILL = 0x7FFF0000, 0x7FC00000, 0x80000000
_FAIL = 0x00050000  # with an error number

# A filter is a program of the Berkeley packet filter; these are the instructions that it needs.
_LOAD, _AND, _RETURN = 0x20, 0x54, 0x06
_IF_EQUAL, _IF_AT_LEAST = 0x15, 0x35
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16

_UNIX, _STREAM, _OF_A_TYPE = 1, 1, 0xF
_THREAD = 0x00010000
_LAST_PLAIN_SIGNAL = 31  # more than one of a later one can wait, and how many is counted by user
_DESCRIPTORS = (0, 1, 2, 3, 4, 1030)  # F_DUPFD to F_SETFL, F_DUPFD_CLOEXEC; no locks, no leases
# TCGETS, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX, TIOCGWINSZ: of a terminal and a descriptor only.
_CONTROLS = (0x5401, 0x541B, 0x5421, 0x5450, 0x5451, 0x5413)
# The name of a thread or of an area of memory.
_OF_ITSELF = (15, 16, 0x53564D41)

_Instruction = tuple[int, int, int, int]


@dataclass(frozen=True)
class _Test:
    """What an argument must be: one of some values, or at most one, or none of them."""

    argument: int
    values: tuple[int, ...]
    mask: int = 0xFFFFFFFF
    high: bool = False  # its upper half

    def code(self) -> list[_Instruction]:
        """Return instructions that ask the listener unless the argument is one of the values."""
        place = _ARGUMENTS + 8 * self.argument + (4 if self.high else 0)
        tests = [(_IF_EQUAL, len(self.values) - i, 0, value) for i, value in enumerate(self.values)]
        return [(_LOAD, 0, 0, place), (_AND, 0, 0, self.mask), *tests, (_RETURN, 0, 0, _ASK)]


def _null_address(argument: int) -> tuple[_Test, _Test]:
    """Return the tests that an address is null."""
    return _Test(argument, (0,)), _Test(argument, (0,), high=True)


def available() -> bool:
    """Return whether this machine filters, and we know its calls by number."""
    return sys.platform.startswith("linux") and bool(syscalls.column())


def restrict(kept: int) -> int:
    """Filter this process's calls from here on; return the listener to whom refusals are put.

    `kept` is the file descriptor that the process may not close: its line to the batch. Returns
    -1 where the system has no listener to give: refusals are then answered by the system alone.
    """
    _require_success(_libc().prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    listener = _install_filter(program(os.getpid(), kept), _NEW_LISTENER)
    if listener < 0:
        return (
            _require_success(
                _install_filter(program(os.getpid(), kept, refused=_FAIL | errno.EPERM), 0)
            )
            - 1
        )
    return listener


def program(pid: int, kept: int, refused: int = _ASK) -> list[_Instruction]:
    """Return the filter of the process `pid`; a call that is `refused` comes to that end."""
    machine = os.uname().machine
    code: list[_Instruction] = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_IF_EQUAL, 1, 0, _ARCHITECTURES[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
    ]
    if machine == "x86_64":
        code += [(_IF_AT_LEAST, 0, 1, _X32), (_RETURN, 0, 0, _KILL)]
    tests = _tests_by_call(pid)
    unlike = {"close": (0, kept), "dup2": (1, kept), "dup3": (1, kept)}
    # Without a listener nobody can tell when the first cell begins.
    early = {} if refused == _ASK else syscalls.while_starting()
    for name, number in {**syscalls.allowed(), **early}.items():
        block = [line for test in tests.get(name, ()) for line in test.code()]
        if name in unlike:
            block += _ask_where_equal(*unlike[name])
        code += _for_call(number, [*block, (_RETURN, 0, 0, _ALLOW)])
    code += [line for n in syscalls.absent().values() for line in _for_call(n, _FAILS_AS_ABSENT)]
    code += [(_RETURN, 0, 0, _ASK)]
    return [_ended(line, refused) for line in code]


_FAILS_AS_ABSENT: list[_Instruction] = [(_RETURN, 0, 0, _FAIL | errno.ENOSYS)]


def _tests_by_call(pid: int) -> dict[str, tuple[_Test, ...]]:
    """Return by system call what must be true of its arguments, where it is allowed only so."""
    own = _Test(0, (0, pid))
    plain = tuple(range(_LAST_PLAIN_SIGNAL + 1))
    return {
        "fcntl": (_Test(1, _DESCRIPTORS),),
        "ioctl": (_Test(1, _CONTROLS),),
        "prctl": (_Test(0, _OF_ITSELF),),
        "socketpair": (_Test(0, (_UNIX,)), _Test(1, (_STREAM,), mask=_OF_A_TYPE)),
        "sendto": _null_address(4),
        "prlimit64": (own, *_null_address(2)),
        "kill": (_Test(0, (pid,)), _Test(1, plain)),
        "tgkill": (_Test(0, (pid,)), _Test(2, plain)),
        "clone": (_Test(0, (_THREAD,), mask=_THREAD),),
        "getpgid": (own,),
        "getsid": (own,),
        "sched_getaffinity": (own,),
    }


def _ask_where_equal(argument: int, value: int) -> list[_Instruction]:
    """Return instructions that ask the listener where an argument is the value."""
    place = _ARGUMENTS + 8 * argument
    return [(_LOAD, 0, 0, place), (_IF_EQUAL, 0, 1, value), (_RETURN, 0, 0, _ASK)]


def _for_call(number: int, block: list[_Instruction]) -> list[_Instruction]:
    """Return instructions that do a block for one call; the block ends, and never goes on."""
    return [(_IF_EQUAL, 0, len(block), number), *block]


def _ended(line: _Instruction, refused: int) -> _Instruction:
    return (_RETURN, 0, 0, refused) if line == (_RETURN, 0, 0, _ASK) else line


def _install_filter(code: Iterable[_Instruction], flags: int) -> int:
    """Return what the system call says that gives this process a filter: below 0 is a failure."""
    lines = [struct.pack("=HBBI", *line) for line in code]
    text = ctypes.create_string_buffer(b"".join(lines))
    described = struct.pack("HL", len(lines), ctypes.addressof(text))
    number = _SECCOMP[os.uname().machine]
    return int(_libc().syscall(number, _SET_FILTER, flags, described))


def _require_success(result: int) -> int:
    """Return what a system call returned; raise OSError where it failed."""
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"seccomp: {os.strerror(code)}")
    return result


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Asked:
    """A call that waits for an answer: which, with which arguments, and the key to answer it."""

    key: int
    number: int
    arguments: tuple[int, ...]

    @property
    def name(self) -> str:
        """The call's name."""
        return syscalls.name_of(self.number)

    @property
    def makes_a_thread(self) -> bool:
        """Whether it is asked for a thread, and not for a process of its own."""
        return self.name == "clone" and bool(self.arguments[0] & _THREAD)


_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_GO_ON = 1  # as if there were no filter


def next_asked(listener: int) -> Asked | None:
    """Return the call that waits longest; None where who made it has gone."""
    import fcntl

    buffer = bytearray(80)
    try:
        fcntl.ioctl(listener, _RECEIVE, buffer)
    except FileNotFoundError:
        return None
    key, _, _, number, _, _, *arguments = struct.unpack("=QIIiIQ6Q", buffer)
    return Asked(key, number, tuple(arguments))


def answer(listener: int, asked: Asked, allow: bool) -> None:
    """Let a call be made, or refuse it."""
    import contextlib
    import fcntl

    error, flags = (0, _GO_ON) if allow else (-errno.EPERM, 0)
    with contextlib.suppress(FileNotFoundError):  # who made it has gone
        fcntl.ioctl(listener, _SEND, struct.pack("=QqiI", asked.key, 0, error, flags))
