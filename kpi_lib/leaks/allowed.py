"""What a person let stand: `allowed.csv` beside the settings, each line with who, when and why."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from kpi_lib import paths
from kpi_lib.errors import Problem, SettingsError
from kpi_lib.regular import is_there

ALLOWED_FILE = "allowed.csv"
EVERY = "*"  # in the place of a partner: a text of the settings stands on the pages of all


@dataclass(frozen=True)
class Allowed:
    """One text that may stand in what a partner gets of a period."""

    partner_id: str
    period: str
    text: str
    reason: str
    by: str
    at: str

    def covers(self, text: str, partner_id: str, period: str) -> bool:
        """Say whether it lets a text stand there; upper and lower case count.

        What has no text, such as a secret or a part that cannot be read, nothing covers.
        """
        is_there = bool(text) and self.text == text
        return is_there and self.period == period and self.partner_id in (partner_id, EVERY)


COLUMNS = tuple(field.name for field in fields(Allowed))


def read_allowed(folder: Path) -> tuple[Allowed, ...]:
    """Return what was allowed; raise SettingsError with every line that is not whole.

    `folder`: that of the settings.
    """
    file = folder / ALLOWED_FILE
    if not is_there(file):
        return ()
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = list(csv.reader(stream, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise SettingsError.at(paths.shown(file), f"is no CSV file in UTF-8: {error}") from error
    problems = list(_problems(file, rows))
    if problems:
        raise SettingsError(problems)
    return tuple(Allowed(*row) for row in rows[1:])


def allow(folder: Path, one: Allowed) -> Path:
    """Write one more line, and the file where there is none yet; return the file.

    Raises SettingsError where the file is not whole, or the reason, partner or text is missing.
    """
    for name in ("partner_id", "text"):
        if not getattr(one, name).strip():
            raise SettingsError.at(
                ALLOWED_FILE, f"there is no {name}", "Say whose page, and which text."
            )
    if not one.reason.strip():
        todo = "Say with --reason why it may stand there: whoever looks at it later will ask."
        raise SettingsError.at(ALLOWED_FILE, "there is no reason", todo)
    before = read_allowed(folder)
    file = folder / ALLOWED_FILE
    is_cut = is_there(file) and file.read_bytes()[-1:] not in (
        b"",
        b"\n",
    )  # as editors may leave it
    with file.open("a", encoding="utf-8", newline="") as stream:
        stream.write("\n" if is_cut else "")
        writer = csv.writer(stream, lineterminator="\n")
        if not before and stream.tell() == 0:
            writer.writerow(COLUMNS)
        writer.writerow(astuple(one))
    return file


def _problems(file: Path, rows: list[list[str]]) -> Iterable[Problem]:
    """Yield what is wrong with the file of allowed texts, by its lines."""
    if not rows or tuple(rows[0]) != COLUMNS:
        todo = f"They must be {', '.join(COLUMNS)}."
        yield Problem(
            paths.shown(file),
            f"its columns are {', '.join(rows[0]) if rows else 'none'}",
            todo,
        )
        return
    for line, row in enumerate(rows[1:], 2):
        where = f"{paths.shown(file)} line {line}"
        if len(row) != len(COLUMNS):
            yield Problem(where, f"it has not {len(COLUMNS)} values", "Mend the row.")
        elif not all(value.strip() for value in row):
            lacking = ", ".join(n for n, v in zip(COLUMNS, row, strict=True) if not v.strip())
            yield Problem(
                where, f"there is no {lacking}", "Each line says who allowed what, and why."
            )
