"""What is to be run, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from kpi_lib.audience import audience_of
from kpi_lib.errors import Problem

LAST_PART = "made"  # the section that every page ends with


@dataclass(frozen=True)
class Page:
    """What a page is: of whom or what, and with that where it stands in the period's folder.

    `subject`: a partner_id, or what a page of the run itself is called, such as data_quality.
    `edition`: of a partner's page whom it is for; empty for a page of the run. `group`: the folder
    that pages of the run share, such as managers.
    """

    subject: str
    edition: str = ""
    group: str = ""

    @property
    def is_partners(self) -> bool:
        """Whether it is a partner's; else it is one of the run."""
        return bool(self.edition)

    @property
    def file_name(self) -> str:
        """The name of its files, without ending."""
        return audience_of(self.edition).report if self.is_partners else self.subject

    @property
    def unit(self) -> str:
        """What takes its place, or fails, as one: a partner's folder; of the run the page alone."""
        if self.is_partners:
            return f"partners/{self.subject}"
        return f"{self.group}/{self.subject}" if self.group else self.subject

    @property
    def place(self) -> str:
        """Its file in the period's folder, without ending."""
        return f"{self.unit}/{self.file_name}" if self.is_partners else self.unit

    @property
    def files(self) -> tuple[str, ...]:
        """Its files: a partner's page comes with its notebook, and with a PDF where one is made."""
        endings = ("html", "ipynb", "pdf") if self.is_partners else ("html",)
        return tuple(f"{self.place}.{end}" for end in endings)

    @property
    def failed(self) -> str:
        """The folder that says why it failed; no partner_id begins as those of the run do."""
        return f"failed/{self.subject}" if self.is_partners else f"failed/_{self.unit}"

    @property
    def label(self) -> str:
        """The page as people name it."""
        return f"{self.subject}, {self.file_name}" if self.is_partners else self.place


@dataclass(frozen=True)
class Job:
    """One page to make: a notebook, its parameters, and the slice that it may read.

    `parameters` are those of the notebook but for `slice`, which the batch fills in. `name`: the
    partner's, which its page must bear. `shut` names places that stay shut to it even where they
    lie inside Python's own. `pdf`: the page is made as a PDF too.
    """

    page: Page
    notebook: Path
    parameters: Mapping[str, Any]
    slice_folder: Path
    name: str = ""
    shut: tuple[Path, ...] = ()
    pdf: bool = False

    @property
    def bears(self) -> dict[str, str]:
        """What the page must tell of itself: whose it is, and of which period."""
        page = self.page
        whose = (
            {"partner_id": page.subject, "edition": page.edition, "name": self.name}
            if page.is_partners
            else {"page": page.place}
        )
        expected = whose | {"period": str(self.parameters.get("period", ""))}
        return {what: wanted for what, wanted in expected.items() if wanted}

    def to_text(self) -> str:
        """Return the job as one line of text."""
        content = asdict(self) | {
            "notebook": str(self.notebook),
            "slice_folder": str(self.slice_folder),
            "shut": [str(place) for place in self.shut],
        }
        return json.dumps(content)

    @classmethod
    def from_text(cls, text: str) -> Job:
        """Return the job that a line of text describes."""
        content = json.loads(text)
        content["page"] = Page(**content["page"])
        content["notebook"], content["slice_folder"] = (
            Path(content["notebook"]),
            Path(content["slice_folder"]),
        )
        content["shut"] = tuple(Path(place) for place in content["shut"])
        return cls(**content)


@dataclass(frozen=True)
class ReportResult:
    """What came of one job; `problems` is empty where the page is done.

    `stale` says in words why a page that this run did not make is not up to date, or not there.
    """

    page: Page
    problems: tuple[Problem, ...] = ()
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    bytes: int = 0
    files: tuple[str, ...] = field(default=())  # where it was put, relative to the period's folder
    stale: str = ""

    @property
    def done(self) -> bool:
        """Whether the page was made whole."""
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
        content = json.loads(text)
        content["page"] = Page(**content["page"])
        content["problems"] = tuple(Problem(**problem) for problem in content["problems"])
        content["files"] = tuple(content["files"])
        return cls(**content)
