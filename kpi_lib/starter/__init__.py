"""A company's own project: laid out beside the library, and brought up to its later releases."""

from __future__ import annotations

from kpi_lib.starter.project import Upgraded, lay_out, upgrade

__all__ = ["Upgraded", "lay_out", "upgrade"]
