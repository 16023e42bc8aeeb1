"""What the leak check looks for: all that a run knows, and all that this machine must not tell."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from kpi_lib import paths
from kpi_lib.kpis.catalogue import catalogue_of
from kpi_lib.kpis.lifetime import IN_REVENUE
from kpi_lib.mail.compose import Composer
from kpi_lib.mail.figures import Numbers
from kpi_lib.mail.leaks import Company, LeakCheck, Person, machine_places, secrets_of
from kpi_lib.mail.recipients import Recipients
from kpi_lib.mail.reports import Reports
from kpi_lib.settings import Settings
from kpi_lib.show.slice import Slice

INTERNAL = "internal"
_AS_SHARE = 10.0  # a number below it may be shown as a percentage


def leak_check(
    settings: Settings, reports: Reports, recipients: Recipients, composer: Composer
) -> LeakCheck:
    """Return the check of the messages of a period."""
    people = tuple(Person(r.partner_id, r.name, r.email) for r in recipients.listed)
    internal = {k.id: k.name for k in catalogue_of(settings).values() if k.audience == INTERNAL}
    internal |= {name: name for name, _ in IN_REVENUE.values()}  # of a company without costs
    return LeakCheck(
        Company(
            partners=_names(reports),
            people=people,
            internal=internal,
            figures=_figures(reports),
            own_words=tuple(_own_words(settings, composer)),
            secrets=secrets_of(),
            places=machine_places(
                *(paths.project(), reports.folder, settings.folder, Path.home()),
                Path(tempfile.gettempdir()) / "kpi-",
            ),
        )
    )


def _names(reports: Reports) -> dict[str, str]:
    slices = paths.slices(reports.folder)
    known = sorted(reports.partners.known)
    return {id_: Slice.read(slices / id_ / INTERNAL).name for id_ in known}


def _figures(reports: Reports) -> Numbers:
    """Return every figure of the run's tables, shares as percentages too."""
    values: list[float] = []
    for name in reports.record["tables"]:
        table = pl.read_parquet(reports.folder / name, glob=False)
        for column in table.select(pl.selectors.numeric()).iter_columns():
            values += column.cast(pl.Float64).drop_nulls().to_list()
    return Numbers([*values, *(100 * v for v in values if abs(v) < _AS_SHARE)])


def _own_words(settings: Settings, composer: Composer) -> Iterator[str]:
    mail = settings.mail
    yield from filter(None, (settings.company.name, mail.sender_name, mail.reply_to))
    yield from (composer.sender.addr_spec, composer.unsubscribe)
    for manager in composer.managers.values():
        yield from (manager.display_name, manager.addr_spec)
