"""Which partner reads in which language: that of its first recipient, where there is one."""

from __future__ import annotations

import csv
from collections.abc import Collection
from pathlib import Path

from kpi_lib import paths
from kpi_lib.errors import SettingsError
from kpi_lib.regular import is_there

FILE = "recipients.csv"  # beside the settings; who sends e-mails checks the rest of it
COLUMNS = {"partner_id", "language"}


def languages_of(folder: Path, languages: Collection[str]) -> dict[str, str]:
    """Return the language of each partner that has a recipient, by partner_id.

    `folder`: that of the settings. A language that no page is made in, so that it is none of the
    settings' `languages`, is left out. Raises SettingsError where the file cannot be read.
    """
    file = folder / FILE
    if not is_there(file):
        return {}
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = csv.DictReader(stream)
            lacking = COLUMNS - set(rows.fieldnames or ())
            if lacking:
                found = f"it has no column {' and no column '.join(sorted(lacking))}"
                raise SettingsError.at(paths.shown(file), found, "Add it: docs/language.md.")
            spoken: dict[str, str] = {}
            for row in rows:
                spoken.setdefault(row["partner_id"], row["language"])
    except (UnicodeDecodeError, csv.Error) as error:
        found = f"is no CSV file in UTF-8: {error}"
        raise SettingsError.at(paths.shown(file), found, "Save it as one.") from error
    return {who: language for who, language in spoken.items() if language in languages}
