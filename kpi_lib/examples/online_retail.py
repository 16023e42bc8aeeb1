"""The shipped example: Online Retail II as partners, customers and orders, at invoice grain.

The source is every invoice line of a UK wholesaler, 2009-12-01 to 2011-12-09, as one Parquet file
(Chen, D. (2012), Online Retail II, UCI Machine Learning Repository, CC BY 4.0)::

    python -m kpi_lib.examples.online_retail online_retail_II.parquet

makes the three tables beside this module again, byte for byte. The figures are real; that a foreign
market is a distribution partner is a reading of the data, which the folder's README.md spells out.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from kpi_lib.errors import Problem, ScorecardError, SourceError

SHIPPED = Path(__file__).with_suffix("")  # the folder that is named as this module

# The home market, and two labels that name no market: none of the three is a partner's.
DIRECT = ("United Kingdom", "Unspecified", "European Community")

# An entry error of the source: a credit note of +373.57. The contract lets no return add revenue.
COMPLETED_DESPITE_ITS_NUMBER = "C496350"

PRICE = pl.Decimal(18, 3)  # the source has prices in tenths of a penny; sums stay exact
SOURCE_COLUMNS = {
    "InvoiceNo": pl.String(),
    "Quantity": pl.Int64(),
    "InvoiceDate": pl.Datetime("us"),
    "UnitPrice": pl.Float64(),
    "CustomerID": pl.Int64(),
    "Country": pl.String(),
}


def load_lines(source: Path) -> pl.DataFrame:
    """Return the source's invoice lines, one row per line, only the columns that are used."""
    try:
        schema = pl.read_parquet_schema(source)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise SourceError.at(str(source), f"is no readable Parquet file ({error})") from error
    _check_columns(source, schema)
    lines = pl.read_parquet(source, columns=list(SOURCE_COLUMNS))
    _check_lines(source, lines)
    return lines


def _check_columns(source: Path, schema: dict[str, pl.DataType]) -> None:
    """Name every column that is missing or of another type."""
    problems = [
        Problem(str(source), f"column {name}: {schema.get(name, 'missing')}, needed {dtype}")
        for name, dtype in SOURCE_COLUMNS.items()
        if schema.get(name) != dtype
    ]
    if problems:
        raise SourceError(problems)


def _check_lines(source: Path, lines: pl.DataFrame) -> None:
    """Stop where a rule would no longer be exact, or no longer have one answer."""
    several = lines.group_by("InvoiceNo").agg(
        pl.col("Country", "CustomerID").n_unique(), pl.col("InvoiceDate").dt.date().n_unique()
    )
    broken = several.filter(pl.any_horizontal(pl.exclude("InvoiceNo") > 1))["InvoiceNo"].sort()
    finer = lines.filter(pl.col("UnitPrice").cast(PRICE).cast(pl.Float64) != pl.col("UnitPrice"))
    problems = [
        Problem(f"{source} invoice {number}", "has two countries, customers or days")
        for number in broken
    ]
    problems += [
        Problem(f"{source} invoice {number}", "has a price finer than a tenth of a penny")
        for number in finer["InvoiceNo"].unique().sort()
    ]
    if problems:
        raise SourceError(problems)


def build_invoices(lines: pl.DataFrame) -> pl.DataFrame:
    """Return the invoices that are orders, one row per invoice, the earliest first.

    Left out are "A..." (adjustments for bad debt) and invoices with an amount of 0 (stock moves).
    """
    amount = pl.col("UnitPrice").cast(PRICE) * pl.col("Quantity").cast(pl.Decimal(18, 0))
    country = pl.col("Country").first()
    return (
        lines.group_by("InvoiceNo")
        .agg(
            pl.col("CustomerID").first().cast(pl.String).alias("customer_id"),
            pl.when(~country.is_in(DIRECT)).then(country).alias("market"),
            pl.col("InvoiceDate").min().alias("ordered_at"),
            amount.sum().cast(PRICE).alias("amount"),
            pl.col("Quantity").sum().cast(pl.Float64).alias("quantity"),
        )
        .filter(~pl.col("InvoiceNo").str.starts_with("A"), pl.col("amount") != 0)
        .with_columns(
            partner_id_of(pl.col("market")).alias("partner_id"),
            pl.col("ordered_at").dt.date().alias("ordered_on"),
        )
        .rename({"InvoiceNo": "order_id"})
        .sort("ordered_at", "order_id")
    )


def partner_id_of(market: pl.Expr) -> pl.Expr:
    """Return the market's name as an id that can name a folder: United-Arab-Emirates."""
    return market.str.replace_all(r"[^A-Za-z0-9_.]+", "-")


def build_orders(invoices: pl.DataFrame) -> pl.DataFrame:
    """Return the table orders: one row per invoice, a credit note being a return of its own day."""
    number = pl.col("order_id")
    returned = number.str.starts_with("C") & (number != COMPLETED_DESPITE_ITS_NUMBER)
    status = pl.when(returned).then(pl.lit("returned")).otherwise(pl.lit("completed"))
    return invoices.with_columns(status.alias("status")).select(
        "order_id", "customer_id", "partner_id", "ordered_on", "amount", "status", "quantity"
    )


def build_customers(invoices: pl.DataFrame) -> pl.DataFrame:
    """Return the table customers: acquired on, and brought by the partner of, their first order.

    A credit note counts as that first order too: it shows that the customer was one already.
    """
    return (
        invoices.filter(pl.col("customer_id").is_not_null())
        .group_by("customer_id", maintain_order=True)
        .agg(pl.col("partner_id", "ordered_on").first())
        .rename({"ordered_on": "acquired_on"})
        .sort("customer_id")
    )


def build_partners(invoices: pl.DataFrame) -> pl.DataFrame:
    """Return the table partners: one row per foreign market, joined on its first invoice."""
    return (
        invoices.filter(pl.col("partner_id").is_not_null())
        .group_by("partner_id")
        .agg(pl.col("market").first().alias("name"), pl.col("ordered_on").min().alias("joined_on"))
        .select("partner_id", "name", pl.lit("distribution").alias("partner_type"), "joined_on")
        .sort("partner_id")
    )


def build_example(source: Path) -> dict[str, pl.DataFrame]:
    """Return the three tables of the example by name."""
    invoices = build_invoices(load_lines(source))
    return {
        "partners": build_partners(invoices),
        "customers": build_customers(invoices),
        "orders": build_orders(invoices),
    }


def write_example(source: Path, folder: Path = SHIPPED) -> None:
    """Write the tables as Parquet files, the same bytes from the same source."""
    tables = build_example(source)
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        path = folder / f"{name}.parquet"
        table.write_parquet(path, compression="zstd", compression_level=19, statistics=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the tables from the source file that the command line names."""
    parser = argparse.ArgumentParser(
        prog="python -m kpi_lib.examples.online_retail", description=__doc__.splitlines()[0]
    )
    parser.add_argument("source", type=Path, help="the file of invoice lines")
    parser.add_argument("--out", type=Path, default=SHIPPED, help="where the tables go")
    options = parser.parse_args(arguments)
    try:
        write_example(options.source, options.out)
    except ScorecardError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
