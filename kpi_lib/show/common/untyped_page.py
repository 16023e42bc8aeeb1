"""A page whose content has no types of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from kpi_lib.show.common.slice import PageSlice
from kpi_lib.slices.untyped import page_content, read_untyped


@dataclass(frozen=True)
class UntypedPage(PageSlice):
    """All that such a page may know; `raw`: as its file has it."""

    raw: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Return the slice that lies in `folder`; raise RunError where there is none to read."""
        return cls.of(read_untyped(folder))

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        """Return the slice that a mapping describes."""
        return cls(page_content(raw), raw)
