"""Ways in which one process could pass a word to another of the same user, each as two halves.

`tell` passes it, `hear` returns the word or what it heard instead; `watch` is done by the hearer
before anything is passed. A half may leave notes for the other: numbers of processes, addresses,
keys. They go from hand to hand in the test, so that no way fails for not knowing where to look. A
way that passes a bit says the word where it is set. What `after` marks outlives its teller.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WORD = "marigold"
BIT = {True: WORD, False: "nothing"}
libc = ctypes.CDLL(None, use_errno=True)
_X86 = platform.machine() == "x86_64"
SECONDS = 0.5


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
    """One way; `after`: it outlives its teller. `deadly`: who is refused it ends of it."""

    tell: Callable[[Place], Any]
    hear: Callable[[Place], Any]
    watch: Callable[[Place], Any] | None = None
    after: bool = False
    deadly: bool = False


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
    result = libc.syscall(ctypes.c_long(number), *args)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def opened(path: Path | str) -> int:
    return os.open(path, os.O_RDONLY)
