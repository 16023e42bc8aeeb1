"""Files held fast while a run reads them: the rows that were checked are the rows that count.

A careful export is written beside and renamed, so a file that is read under a second name of its
own stays what it was. What is written over in place is found by its size and time.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from kpi_lib.errors import Problem, SourceError
from kpi_lib.paths import shown

Seen = tuple[int, int, int]
_NUMBERS = count()  # of second names, so that no two files have one


@dataclass(frozen=True)
class Held:
    """A file of the source: where it is read, and its inode, size and time when first seen."""

    path: Path
    at: Path
    seen: Seen

    @classmethod
    def where_it_is(cls, path: Path) -> Held:
        """Return the file, to be read under its own name."""
        return cls(path, path, _seen_now(path))

    @classmethod
    def in_workspace(cls, path: Path, workspace: Path) -> Held:
        """Return the file, to be read under a second name in the workspace, where one can be had.

        It cannot on another disk, nor for a file of somebody else's; it costs nothing where it can.
        """
        folder = workspace / "held"
        folder.mkdir(parents=True, exist_ok=True)
        second = folder / f"{next(_NUMBERS)}{path.suffix}"
        try:
            os.link(os.path.realpath(path), second)
        except OSError:
            return cls.where_it_is(path)
        return cls(path, second, _seen_now(second))

    @property
    def is_changed(self) -> bool:
        """Whether it is another file by now, or none."""
        return self.seen != _seen_now(self.at)


def _seen_now(path: Path) -> Seen:
    """Return inode, size and time of change of a file; zeros where it cannot be looked at."""
    try:
        status = path.stat()
    except OSError:
        return (0, 0, 0)
    return (status.st_ino, status.st_size, status.st_mtime_ns)


def changed(files: Iterable[Held]) -> SourceError | None:
    """Return the error that names every file which is another one than when it was first seen."""
    todo = "Run it again when the export is done."
    problems = [
        Problem(shown(file.path), "changed while it was read", todo)
        for file in files
        if file.is_changed
    ]
    return SourceError(problems) if problems else None
