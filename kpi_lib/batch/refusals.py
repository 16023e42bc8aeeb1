"""What a kernel was refused, reported to the batch over a line that the notebook cannot take back.

The kernel's end says what Python was asked for and refused; the batch's end hears it, and answers
for the system what its filter of calls puts to it.
"""

from __future__ import annotations

import os
import selectors
import socket
import sys
import threading
from collections.abc import Callable
from types import TracebackType

from kpi_lib.batch import seccomp
from kpi_lib.batch.syscalls import while_starting

_STARTED = "the first cell"
_MOST = 20  # refusals that are kept; a notebook may try without end
_LAST_WORDS = 5.0  # seconds from the end of a kernel
_LEFT_BEHIND = "a process that this notebook started goes on when its kernel has ended"
_LINE_BROKE = "what this notebook was refused could not be heard to the end"
_QUIET = ("sysinfo",)  # the C library asks for the size of the memory before it sorts
_ONLY_WHAT_A_PAGE_NEEDS = "this notebook may ask of the system what a page needs; it asked for"


class Line:
    """The kernel's end: a socket that it was started with."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def say(self, message: str) -> None:
        """Tell the batch of one refusal."""
        os.write(self.descriptor, message.replace("\n", " ").encode() + b"\n")

    def started(self) -> None:
        """Tell the batch that the notebook's own lines begin: from here on refusals count."""
        self.say(_STARTED)

    def give(self, listener: int) -> None:
        """Hand the listener of the filter to the batch, and keep none."""
        with socket.socket(fileno=os.dup(self.descriptor)) as line:
            socket.send_fds(line, [b"\n"], [listener])
        os.close(listener)


class Supervisor:
    """The batch's end, in a thread of its own from entering to leaving.

    `theirs` is the end for the kernel, and to be closed here once the kernel has it. `refused` is
    in the order in which it was asked for, each once.
    """

    def __init__(self) -> None:
        self._ours, self.theirs = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._ours, selectors.EVENT_READ, self._hear)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._starting, self._listening, self._open = True, False, True
        self._rest = b""
        self._refused: dict[str, None] = {}

    @property
    def refused(self) -> tuple[str, ...]:
        """What was refused from the first cell on; empty where nothing was."""
        return tuple(self._refused)

    def __enter__(self) -> Supervisor:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.theirs.close()  # the kernel has ended, so now nobody holds that end
        self._thread.join(_LAST_WORDS)
        if (
            self._thread.is_alive()
        ):  # where no filter keeps a notebook from leaving a process behind
            self._ours.shutdown(socket.SHUT_RD)
            self._thread.join()
            self._refused[_LEFT_BEHIND] = None
        if self._open:
            self._refused[_LINE_BROKE] = None
        for key in list(self._selector.get_map().values()):
            self._selector.unregister(key.fileobj)
            if isinstance(key.fileobj, int):
                os.close(key.fileobj)
        self._selector.close()
        self._ours.close()

    def _serve(self) -> None:
        """Answer what comes in on any of the descriptors, until it is closed."""
        while self._open:
            for key, _ in self._selector.select():
                answer: Callable[[int], None] = key.data
                answer(key.fd)

    def _hear(self, _: int) -> None:
        """Take in what the kernel says, and its listener where it gives one."""
        if sys.platform.startswith("linux"):
            heard, listeners, *_rest = socket.recv_fds(self._ours, 4096, 1)
            for listener in listeners:
                self._listen(listener)
        else:
            heard = self._ours.recv(4096)
        self._open = bool(heard)
        *lines, self._rest = (self._rest + heard).split(b"\n")
        for line in filter(None, lines):
            self._record_refusal(line.decode("utf-8", "replace"))

    def _listen(self, listener: int) -> None:
        """Take the listener of the filter, and no file that a notebook sends after it."""
        if self._listening or not self._starting:
            os.close(listener)
            return
        self._listening = True
        self._selector.register(listener, selectors.EVENT_READ, self._decide)

    def _record_refusal(self, message: str) -> None:
        """Note down a refusal, each once; nothing while the kernel still starts."""
        if self._starting:
            self._starting = message != _STARTED
        elif len(self._refused) < _MOST:
            self._refused[message] = None

    def _decide(self, listener: int) -> None:
        """Answer one call: until the first cell libraries start threads, all else is refused."""
        asked = seccomp.next_asked(listener)
        if asked is None:
            return
        early = self._starting and asked.number in while_starting().values()
        allow = early and (asked.name != "clone" or asked.makes_a_thread)
        if not allow and asked.name not in _QUIET:
            self._record_refusal(f"{_ONLY_WHAT_A_PAGE_NEEDS} {asked.name}")
        seccomp.answer(listener, asked, allow)
