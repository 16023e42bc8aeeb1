"""What the leak check looks for: all that a run knows, and all that this machine must not tell."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from kpi_lib import paths
from kpi_lib.address import Address
from kpi_lib.audience import PARTNER
from kpi_lib.data.csv_file import own_form
from kpi_lib.errors import SourceError
from kpi_lib.kpis.catalogue import catalogue_of
from kpi_lib.kpis.lifetime import IN_REVENUE
from kpi_lib.leaks.allowed import read_allowed
from kpi_lib.leaks.figure_search import Numbers
from kpi_lib.leaks.of_machine import machine_places, secrets_of
from kpi_lib.leaks.search import Known, LeakCheck, Person
from kpi_lib.secret import OF_DATA, OF_MAIL, SERVICE_OF_DATA, SERVICE_OF_MAIL, secret_of
from kpi_lib.settings import MailServer, Settings

RECIPIENTS, COLUMNS = "recipients.csv", ("partner_id", "email", "name", "language", "attach")
KPI_TABLE = "kpis.parquet"
_AS_SHARE = 10.0  # a number below it may be shown as a percentage


@dataclass(frozen=True)
class Named:
    """Whose names are looked for.

    `partners`: their names by id, of all that there are. `own_words`: what every message says, and
    so names nobody.
    """

    partners: Mapping[str, str]
    people: Sequence[Person]
    own_words: Sequence[str] = ()


def leak_check(settings: Settings, folder: Path, tables: Iterable[str], named: Named) -> LeakCheck:
    """Return the check of what is made of a period; `folder`: the period's, with its tables."""
    internal = {
        k.id: k.name for k in catalogue_of(settings).values() if not PARTNER.may_see(k.audience)
    }
    internal |= {name: name for name, _ in IN_REVENUE.values()}  # of a company without costs
    name = settings.company.name
    return LeakCheck(
        Known(
            partners=dict(named.partners),
            people=tuple(named.people),
            internal=internal,
            figures=_figures(pl.read_parquet(folder / t, glob=False) for t in tables),
            headlines=_figures([pl.read_parquet(folder / KPI_TABLE, glob=False).select("value")]),
            own_words=(*([name] if name else []), *named.own_words),
            secrets=secrets_of(_passwords(settings.data, settings.mail.server)),
            places=machine_places(
                *(paths.project(), folder, settings.folder, Path.home()),
                Path(tempfile.gettempdir()) / "kpi-",
            ),
            period=folder.name,
            allowed=read_allowed(settings.folder),
        )
    )


def _passwords(data: Address | None, server: MailServer | None) -> Iterator[str]:
    """Yield the passwords that data and mail server lead to, wherever they are kept."""
    if data is not None:
        yield from data.passwords()
    kept = [(OF_DATA, SERVICE_OF_DATA, ""), (OF_MAIL, SERVICE_OF_MAIL, "")]
    if server is not None and server.username is not None:
        kept[1] = (OF_MAIL, SERVICE_OF_MAIL, server.username)
    for variable, service, user in kept:
        if user or os.environ.get(variable) or os.environ.get(f"{variable}_FILE"):
            password = secret_of(variable, service, user)
            yield from [password.get_secret_value()] if password else []


def people_in(folder: Path) -> tuple[Person, ...]:
    """Return the people of `recipients.csv` in a folder, as far as it can be read.

    What is wrong with it is reported before an e-mail is written, not when reports are made.
    """
    file = folder / RECIPIENTS
    try:
        form = own_form(file, COLUMNS)
        with file.open(encoding=form.codec, newline="") as stream:
            for _ in range(form.header_line - 1):
                next(stream)
            rows = list(csv.DictReader(stream, delimiter=form.delimiter))
    except (OSError, SourceError, UnicodeDecodeError, csv.Error):
        return ()
    cells = ([(row.get(c) or "").strip() for c in COLUMNS[:3]] for row in rows)
    return tuple(Person(id_, name, email) for id_, email, name in cells if id_ and email)


def _figures(tables: Iterable[pl.DataFrame]) -> Numbers:
    """Return every figure of the tables, shares as percentages too."""
    values: list[float] = []
    for table in tables:
        for column in table.select(pl.selectors.numeric()).iter_columns():
            values += column.cast(pl.Float64).drop_nulls().to_list()
    return Numbers([*values, *(100 * v for v in values if abs(v) < _AS_SHARE)])
