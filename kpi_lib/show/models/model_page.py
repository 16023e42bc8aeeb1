"""What the pages of the models are given, as their parts read it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from kpi_lib.show.common.slice import PageSlice
from kpi_lib.slices import file
from kpi_lib.slices.model_types import (
    ChurnModel,
    ChurnReport,
    ChurnSlice,
    ValueModel,
    ValueReport,
    ValueSlice,
)


@dataclass(frozen=True)
class ModelPage(PageSlice):
    """All that a page of a model may know; without a model it says why there is none."""

    content: ValueSlice | ChurnSlice

    @property
    def why(self) -> str:
        """Why there is no model; empty where there is one."""
        return self.content.report.why


@dataclass(frozen=True)
class ValuePage(ModelPage):
    """All that the page of lifetime value may know."""

    content: ValueSlice

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Return the slice that lies in `folder`; raise RunError where there is none to read."""
        return cls(file.read(ValueSlice, folder))

    @property
    def report(self) -> ValueReport:
        """What the page is about."""
        return self.content.report

    @property
    def fit(self) -> ValueModel | None:
        """The model, None where nothing could be fitted."""
        return self.content.report.fit


@dataclass(frozen=True)
class ChurnPage(ModelPage):
    """All that the page of churn may know."""

    content: ChurnSlice

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Return the slice that lies in `folder`; raise RunError where there is none to read."""
        return cls(file.read(ChurnSlice, folder))

    @property
    def report(self) -> ChurnReport:
        """What the page is about."""
        return self.content.report

    @property
    def fit(self) -> ChurnModel | None:
        """The model, None where nothing could be fitted."""
        return self.content.report.fit
