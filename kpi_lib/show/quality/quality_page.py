"""What the page of data quality is given, as its parts read it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from kpi_lib.show.common.slice import PageSlice
from kpi_lib.slices import file
from kpi_lib.slices.quality_types import QualitySlice


@dataclass(frozen=True)
class QualityPage(PageSlice):
    """All that the page may know."""

    content: QualitySlice

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Return the slice that lies in `folder`; raise RunError where there is none to read."""
        return cls(file.read(QualitySlice, folder))
