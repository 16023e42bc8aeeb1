"""Nothing under its final name is ever half-written: written beside, made durable, then renamed."""

from __future__ import annotations

import os
import shutil
import sys
import uuid
from collections.abc import Iterable
from pathlib import Path

from kpi_lib.data.folder_names import alike, is_no_folder_on_windows
from kpi_lib.errors import Problem, RunError

RENAME = "Make the reports on Linux, or give them other ids (a mapping can)."
HIDDEN = ".run"  # in a period's folder: what a run needs for itself


def require_apart(folder: Path, names: Iterable[str]) -> None:
    """Raise RunError where two names are one below `folder`, which is there, or one cannot be.

    Otherwise a partner would find another's report in the folder of its own name.
    """
    probe = folder / f"case-{uuid.uuid4().hex}"
    probe.touch()
    knows_case = not probe.with_name(probe.name.upper()).exists()
    probe.unlink()
    listed = list(names)
    found = [] if knows_case else list(alike(listed).values())
    problems = [
        Problem(f"partners {' and '.join(ids)}", f"their ids are one name in {folder.name}", RENAME)
        for ids in found
    ]
    if sys.platform == "win32":
        odd = [id_ for id_ in listed if is_no_folder_on_windows(id_)]
        problems += [
            Problem(f"partner {id_}", "Windows makes no such folder", RENAME) for id_ in odd
        ]
    if problems:
        raise RunError(problems)


def write_whole(file: Path, content: str | bytes) -> None:
    """Write a file so that its name holds the old content or the new, never a part."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.{uuid.uuid4().hex}")
    try:
        with beside.open("wb") as stream:
            stream.write(content.encode() if isinstance(content, str) else content)
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(file)
    except BaseException:
        beside.unlink(missing_ok=True)  # of a full disk it would hold the last room
        raise
    sync_folder(file.parent)


def swap_folder(new: Path, place: Path, aside: Path) -> None:
    """Put the folder `new` at `place`; what was there goes to `aside` first, then away.

    All three lie on one file system. A crash in between leaves the place empty, never half full.
    """
    sync_folder(new)
    place.parent.mkdir(parents=True, exist_ok=True)
    remove_folder(place, aside)
    new.rename(place)
    sync_folder(place.parent)


def put_file(new: Path, place: Path) -> None:
    """Give a whole file its name; what bore it before is replaced at once."""
    place.parent.mkdir(parents=True, exist_ok=True)
    new.replace(place)
    sync_folder(place.parent)


def remove_file(place: Path) -> None:
    """Take a file away for good, where there is one."""
    if place.exists():
        place.unlink()
        sync_folder(place.parent)


def remove_folder(place: Path, aside: Path) -> None:
    """Take a folder away as a whole: renamed first, so that nobody finds half of it."""
    if not place.exists():
        return
    aside.mkdir(parents=True, exist_ok=True)
    gone = aside / uuid.uuid4().hex
    place.rename(gone)
    sync_folder(place.parent)
    shutil.rmtree(gone, ignore_errors=True)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable; Windows has no such call and needs none."""
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
