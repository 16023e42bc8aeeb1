"""The words in which the contract declares a table and its columns."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from kpi_lib.data.schema import Column, Role, State, Table


def table(  # noqa: PLR0913, each says another thing of a table
    name: str,
    *columns: Column,
    key: str | None = None,
    main_date: str | None = None,
    events: str = "",
    state: State | None = None,
    role: Role = "business",
) -> Table:
    """Return a table of these columns; its key is the first of them where none is named.

    Several names in `key` and `events` are separated by blanks. `state`, `role`: see `Table`.
    """
    return Table(
        name=name,
        key=tuple((key or columns[0].name).split()),
        columns=MappingProxyType({column.name: column for column in columns}),
        main_date=main_date,
        events=tuple(events.split()),
        state=state,
        role=role,
    )


def identifier(name: str, references: str | None = None) -> Column:
    """Return an id; `references`: the table in which it has to stand."""
    return Column(name, "id", references=references)


def text(name: str) -> Column:
    """Return a text of any content."""
    return Column(name, "text")


def date(name: str) -> Column:
    """Return a day."""
    return Column(name, "date")


def number(name: str) -> Column:
    """Return a number, exact as a decimal."""
    return Column(name, "number")


def money(name: str, rate_of: str) -> Column:
    """Return an amount that may stand in another currency, and what says its rate."""
    return Column(name, "number", rate_of=rate_of)


def label(name: str) -> Column:
    """Return a text by which rows are put together, or people know what a row is about."""
    return Column(name, "text", is_label=True)


def one_of(name: str, choices: str, default: str | None = None) -> Column:
    """Return a text that is one of these words; a default is what an empty one reads as."""
    return Column(name, "text", choices=tuple(choices.split()), default=default)


def optional(column: Column) -> Column:
    """Return the column as one that may be null or left out."""
    return replace(column, nullable=True)


def absence_says(column: Column) -> Column:
    """Return the column as one that reads as its default, or as null, where it is left out."""
    return replace(column, nullable=column.default is None, absence_says=True)
