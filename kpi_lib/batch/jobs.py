"""What is to be run, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from kpi_lib.errors import Problem

NAMES = {"partner": "scorecard", "internal": "internal"}  # edition -> the report's file name


@dataclass(frozen=True)
class Job:
    """One report: a notebook, its parameters, and the slice that it may read.

    `parameters` are those of the notebook but for `slice`, which the batch fills in. `shut` names
    places that stay shut to it even where they lie inside Python's own.
    """

    partner_id: str
    edition: str
    notebook: Path
    parameters: Mapping[str, Any]
    slice_folder: Path
    name: str = ""  # the partner's name, which the page must bear
    shut: tuple[Path, ...] = ()

    @property
    def file_name(self) -> str:
        """The name of the report's files, without ending."""
        return NAMES.get(self.edition, self.edition)

    @property
    def label(self) -> str:
        """The report as people name it."""
        return f"{self.partner_id}, {self.file_name}"

    def to_text(self) -> str:
        """Return the job as one line of text."""
        told = asdict(self) | {
            "notebook": str(self.notebook),
            "slice_folder": str(self.slice_folder),
            "shut": [str(place) for place in self.shut],
        }
        return json.dumps(told)

    @classmethod
    def from_text(cls, text: str) -> Job:
        """Return the job that a line of text describes."""
        told = json.loads(text)
        told["notebook"], told["slice_folder"] = Path(told["notebook"]), Path(told["slice_folder"])
        told["shut"] = tuple(Path(place) for place in told["shut"])
        return cls(**told)


@dataclass(frozen=True)
class ReportResult:
    """What came of one job; `problems` is empty where the report is done.

    `stale` says in words why a report that this run did not make is not up to date, or not there.
    """

    partner_id: str
    edition: str
    problems: tuple[Problem, ...] = ()
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    bytes: int = 0
    files: tuple[str, ...] = field(default=())  # where it was put, relative to the period's folder
    stale: str = ""

    @property
    def done(self) -> bool:
        """Whether the report was made whole."""
        return not self.problems

    @property
    def error(self) -> str:
        """What went wrong, in words."""
        return "\n".join(str(problem) for problem in self.problems)

    def to_text(self) -> str:
        """Return the result as one line of text."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> ReportResult:
        """Return the result that a line of text describes."""
        told = json.loads(text)
        told["problems"] = tuple(Problem(**problem) for problem in told["problems"])
        told["files"] = tuple(told["files"])
        return cls(**told)
