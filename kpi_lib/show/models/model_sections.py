"""What the pages of the models have in common: their tables, and the words where there is none."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from kpi_lib.show.common.language import _
from kpi_lib.show.common.listing import Column
from kpi_lib.show.common.templating import render
from kpi_lib.show.models.model_page import ModelPage
from kpi_lib.show.models.model_words import LABELS, not_fitted


def nothing(page: ModelPage) -> Markup:
    """Return why there is no model."""
    return render("empty.html", text=not_fitted(page))


def column(name: str, kind: str = "") -> Column:
    """Return a column under the label of that name."""
    return Column(_(LABELS[name]), kind)


def table(
    page: ModelPage,
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    notes: Sequence[str] = (),
) -> Markup:
    """Return a table with notes below it, or words where it would be empty.

    Unlike `listing` it keeps a column without a text in any row: that nothing is known says much.
    """
    return render(
        "listing.html",
        labels=[one.label for one in columns],
        kinds=[one.kind for one in columns],
        rows=rows,
        empty=not_fitted(page) if page.why else _("There is nothing to show here."),
        notes=notes,
    )
