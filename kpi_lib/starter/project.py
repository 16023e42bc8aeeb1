"""Lays a company's project out, and brings it up to the release of the library that runs.

A hidden file says from which release each file came and what it was then, so that an upgrade can
tell what people changed since: that stays as it is.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kpi_lib import paths
from kpi_lib.errors import CallError, Problem
from kpi_lib.release import version
from kpi_lib.starter.shipped import LOCK, files_for, fingerprint, is_own, with_parameters_of

RECORD = ".kpi-project.json"
DATA = "data"  # the project's folder for exports, which git ignores
NO_DATA = re.compile(r"(?m)^# (data: )\S+")  # the line of the settings that names none yet


@dataclass
class Upgraded:
    """What an upgrade did, file by file. `edited`: changed by people, and so left as they are."""

    before: str
    now: str
    replaced: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)


def lay_out(folder: Path, exports: Sequence[Path] = ()) -> None:
    """Make a new project in `folder`, with copies of `exports` as its data where there are any.

    Raises CallError where the folder holds something, or an export is no file.
    """
    folder = folder.resolve()
    _require_new(folder)
    _require_files(exports)
    name = _plain(folder.name)
    files = files_for(name)
    record = _record_content(name, files)
    if exports:
        files["params/project.yml"] = _with_data(files["params/project.yml"], exports)
    try:
        _make(folder, files | {RECORD: record}, exports)
    except OSError as error:
        found = f"cannot be made ({error.strerror})"
        todo = "Name a folder where you may write."
        raise CallError.at(paths.shown(folder), found, todo) from error


def _make(folder: Path, files: Mapping[str, bytes], exports: Sequence[Path]) -> None:
    """Write files and copies beside the folder, which appears when all of them are there."""
    fresh = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for path, content in files.items():
        _write(fresh / path, content)
    for export in exports:
        _copy(export, fresh / DATA / export.name)
    if folder.is_dir():
        folder.rmdir()
    fresh.rename(folder)


def upgrade(folder: Path) -> Upgraded:
    """Bring a project to the release that runs; return what was done, and what was left.

    Raises CallError where `kpi new` did not lay it out, or its lock was changed by hand.
    """
    before = _read_record(folder)
    files = files_for(before["name"])
    known: Mapping[str, str] = before["files"]
    _require_own_lock(folder, known)
    upgraded = Upgraded(before["version"], version())
    for path, content in sorted(files.items()):
        _bring_up(folder, path, content, known.get(path), upgraded)
    for path in sorted(known.keys() - files.keys()):
        _take_away(folder, path, known[path], upgraded)
    _write(folder / RECORD, _record_content(before["name"], files))
    return upgraded


def _bring_up(folder: Path, path: str, new: bytes, known: str | None, upgraded: Upgraded) -> None:
    """Put the new content in place of a file, unless people changed or removed it."""
    place = folder / path
    if not place.is_file():
        if known is None:
            _write(place, new)
            upgraded.added.append(path)
        return
    old = place.read_bytes()
    mark = fingerprint(path, old)
    if mark == fingerprint(path, new) or is_own(path):
        return
    if mark != known:
        upgraded.edited.append(path)
        return
    _write(place, with_parameters_of(old, new) if path.endswith(".ipynb") else new)
    upgraded.replaced.append(path)


def _take_away(folder: Path, path: str, known: str, upgraded: Upgraded) -> None:
    """Remove a file that no longer ships, unless people changed it."""
    place = folder / path
    if place.is_file() and not is_own(path) and fingerprint(path, place.read_bytes()) == known:
        place.unlink()
        upgraded.removed.append(path)


def _require_new(folder: Path) -> None:
    """Raise CallError where a folder is there and holds something."""
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if folder.exists():
        todo = "Name a folder that is new. An older project is brought up to date by `kpi upgrade`."
        raise CallError.at(paths.shown(folder), "is there already, and holds something", todo)


def _require_files(exports: Iterable[Path]) -> None:
    """Raise CallError where an export is no file, or two have one name."""
    exports = list(exports)
    names = [export.name for export in exports]
    problems = [
        Problem(f"--from {export}", "there is no such file", "Name files, not their folder.")
        for export in exports
        if not export.is_file()
    ]
    problems += [
        Problem("--from", f"two files are called {name}", "Give each a name of its own.")
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    if problems:
        raise CallError(problems)


def _require_own_lock(folder: Path, known: Mapping[str, str]) -> None:
    """Raise CallError where the project's lock file is not as it came."""
    place = folder / LOCK
    if not place.is_file() or fingerprint(LOCK, place.read_bytes()) != known.get(LOCK):
        found = "is not as it came, and it says which release of the library is installed"
        raise CallError.at(LOCK, found, "Restore it, then upgrade again.")


def _with_data(settings: bytes, exports: Sequence[Path]) -> bytes:
    """Return the settings with the data that they name: the folder, or the one database in it."""
    only = exports[0] if len(exports) == 1 else None
    is_table = only is None or only.suffix.lower() in (".csv", ".parquet")
    place = f"../{DATA}" if is_table or only is None else f"../{DATA}/{only.name}"
    return NO_DATA.sub(rf"\g<1>{place} ", settings.decode(), count=1).encode()


def _record_content(name: str, files: Mapping[str, bytes]) -> bytes:
    """Return the record that a project keeps, as JSON: name, version, fingerprints."""
    marks = {path: fingerprint(path, content) for path, content in sorted(files.items())}
    record = {"name": name, "version": version(), "files": marks}
    return (json.dumps(record, indent=1) + "\n").encode()


def _read_record(folder: Path) -> dict[str, Any]:
    """Return the record of a project; raise CallError where there is none."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        return {
            "name": str(record["name"]),
            "version": str(record["version"]),
            "files": record["files"],
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        found = f"is no project that `kpi new` laid out: {RECORD} is missing or damaged"
        raise CallError.at(paths.shown(folder), found, "Make one: kpi new FOLDER") from error


def _plain(name: str) -> str:
    """Return a name that conda and make take for a word."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.") or "scorecards"


def _write(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)


def _copy(export: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(export, place)
