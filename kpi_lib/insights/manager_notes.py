"""The account manager's own words on a partner and a period: notes/PARTNER_ID/PERIOD.md."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from kpi_lib import paths
from kpi_lib.errors import Problem, SettingsError
from kpi_lib.regular import open_regular

FOLDER = "notes"
LONGEST = 2_000  # characters: a page is read in a minute
MOST_BYTES = 1_000_000  # what is longer is too long, however long it is


def read_notes(folder: Path, period: str, partners: Collection[str]) -> dict[str, str]:
    """Return the notes of a period, as Markdown, by partner_id; `folder`: that of the settings.

    Raises SettingsError with all their faults: one whose folder bears the name of no partner,
    which would never be seen, one that is too long, or one that is no text.
    """
    notes, problems = {}, []
    for file in sorted((folder / FOLDER).glob(f"*/{period}.md")):
        partner_id = file.parent.name
        try:
            text = _text_of(file)
        except UnicodeDecodeError:
            problems.append(_problem(file, "it is not UTF-8 text", "Save it as UTF-8."))
            continue
        except OSError as error:
            problems.append(_problem(file, f"it cannot be read ({error.strerror})", "Mend it."))
            continue
        if partner_id not in partners:
            found = f"there is no partner {partner_id} in {period}"
            problems.append(_problem(file, found, "Name the folder after a partner_id."))
        elif len(text) > LONGEST:
            found = f"it has {len(text):,} characters, {LONGEST:,} at most are allowed"
            problems.append(_problem(file, found, "Say it shorter: a page is read in a minute."))
        elif text:
            notes[partner_id] = text
    if problems:
        raise SettingsError(problems)
    return notes


def _text_of(file: Path) -> str:
    """Return the text of a note, or as much of it as shows that it is too long."""
    with open_regular(file) as stream:
        whole = stream.read(MOST_BYTES)
        return whole.decode("utf-8", "ignore" if stream.read(1) else "strict").strip()


def _problem(file: Path, found: str, todo: str) -> Problem:
    return Problem(paths.shown(file), found, todo)
