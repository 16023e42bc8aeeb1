"""Which release of the library this is; the number stands in pyproject.toml and nowhere else."""

from __future__ import annotations

from importlib import metadata

DISTRIBUTION = "partner-scorecards"


def version() -> str:
    """Return the number of the installed release, such as 0.2.0."""
    return metadata.version(DISTRIBUTION)
