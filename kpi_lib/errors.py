"""Errors that people read: where, what was found, what to do next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong: its place, what was found there, and the next step."""

    where: str
    found: str
    todo: str = ""

    def __str__(self) -> str:
        head = f"{self.where}: {self.found}"
        return f"{head}\n    {self.todo}" if self.todo else head


class ScorecardError(Exception):
    """Base of the errors that are shown as they stand, without a traceback.

    Holds every problem that was found, so that a person repairs a file once and not once a run.
    """

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @classmethod
    def at(cls, where: str, found: str, todo: str = "") -> Self:
        """Return the error of one problem."""
        return cls(Problem(where, found, todo))


class CallError(ScorecardError):
    """The command was called with something that does not exist or does not fit."""


class SettingsError(ScorecardError):
    """A file of `params/` does not say what it must."""


class SourceError(ScorecardError):
    """The data cannot be read at all: no such place, no such format, wrong bytes."""


class ContractError(ScorecardError):
    """The data can be read but break the contract."""


class RunError(ScorecardError):
    """A report could not be made."""


class MailError(ScorecardError):
    """A message must not or could not go out."""
