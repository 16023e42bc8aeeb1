"""Deadlines in wall time, which a server that answers a byte at a time cannot stretch."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


class Deadline:
    """Until when a step of a conversation must be done, and all steps of a message before its end.

    A socket's own timeout begins anew with each byte; here it is what is left of the step.
    """

    def __init__(self, step_seconds: float, message_seconds: float) -> None:
        self._step, self._message = step_seconds, message_seconds
        self._what, self._allowed = "the conversation", step_seconds
        self._until = self._message_until = time.monotonic() + step_seconds

    def begin_message(self) -> None:
        """Start the time of a whole message."""
        self._message_until = time.monotonic() + self._message

    def begin(self, what: str) -> None:
        """Start a step before the end of a message: within the time of the message too."""
        self.begin_apart(what, self._step)
        self._until = min(self._until, self._message_until)

    def begin_content(self) -> None:
        """Start the step that takes as long as the message is big: all that its time leaves."""
        self._what, self._allowed = "the content", self._message
        self._until = self._message_until

    def begin_apart(self, what: str, seconds: float | None = None) -> None:
        """Start a step that has its own time, whatever the message has taken so far."""
        self._what, self._allowed = what, self._step if seconds is None else seconds
        self._until = time.monotonic() + self._allowed

    def left(self) -> float:
        """Return the seconds that are left of the step; raise TimeoutError where none are."""
        now = time.monotonic()
        if now < self._until:
            return self._until - now
        if self._until == self._message_until:
            raise TimeoutError(f"the message was not through after {self._message:g} seconds")
        raise TimeoutError(f"{self._what} was not done after {self._allowed:g} seconds")

    def ask(self, what: str, call: Callable[[], T]) -> T:
        """Return what a call returns that knows no timeout, such as a name look-up: a step too.

        Raises TimeoutError where it takes longer; its thread is left behind and holds nothing.
        """
        self.begin(what)
        answer: Future[T] = Future()

        def run() -> None:
            try:
                answer.set_result(call())
            except (OSError, UnicodeError) as error:
                answer.set_exception(error)

        Thread(target=run, daemon=True).start()
        try:
            return answer.result(self.left())
        except UnicodeError as error:
            raise OSError(f"{what}: {error}") from error
        except TimeoutError:
            if not answer.done():
                self.left()  # raises, and says which step it was
            raise
