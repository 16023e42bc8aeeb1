"""What only the internal edition shows: reported figures, receivables by age, what people said."""

from __future__ import annotations

from itertools import groupby

from markupsafe import Markup

from kpi_lib.show.common import period_words, wording
from kpi_lib.show.common.language import N_, _, several
from kpi_lib.show.common.missing_reasons import translated
from kpi_lib.show.common.numbers import format_count, format_day, format_short, format_value
from kpi_lib.show.common.pictures import share_bar
from kpi_lib.show.common.slice import KpiSlice, Measure, Slice
from kpi_lib.show.common.templating import render
from kpi_lib.show.scorecard import sections
from kpi_lib.slices.scorecard_types import Comment, Reported

LONGEST_COMMENT = 400  # characters; the survey has the rest
OPEN, LATE = "receivables", "overdue_balance"
AGES = {
    "overdue_1_30": N_("1 to 30 days late"),
    "overdue_31_60": N_("31 to 60 days late"),
    "overdue_61_90": N_("61 to 90 days late"),
    "overdue_over_90": N_("more than 90 days late"),
}
_STATUS = {
    "agreed": N_("Agreed"),
    "disputed": N_("In dispute"),
    "no_figure": N_("No figure of ours"),
    "not_compared": N_("Not comparable"),
}
TOPICS = {
    "service": N_("Service"),
    "support": N_("Support"),
    "availability": N_("Availability"),
    "product": N_("Product"),
    "onboarding": N_("Onboarding"),
    "overall": N_("Overall"),
}
WHO = {
    "partner": N_("the partner"),
    "end_customer": N_("an end customer"),
    "market": N_("somebody in the market"),
}


def reported(card: Slice) -> Markup:
    """Return what the partner reported beside our figures, disputes first."""
    rows = card.content.reported
    if not rows:
        return _nothing(_("The partner reported no figures of its own that reach this period."))
    return render("reported.html", rows=[_reported_row(row, card) for row in rows])


def ageing(card: KpiSlice) -> Markup:
    """Return receivables by how late they are; what is not due yet comes first."""
    if not {OPEN, LATE} <= set(card.measures):  # no measures of a period as short as this
        return sections.least_period("month")
    open_now, late = card.measures[OPEN], card.measures[LATE]
    if open_now.value is None or late.value is None:
        return _nothing(_("Receivables are not known: {why}.", why=wording.reason(open_now)))
    owed = _owed(card, open_now.value)
    if not owed and not open_now.value:
        return _nothing(_("Nothing is open."))
    rows = _age_rows(card, owed, late.value) if owed else []
    if open_now.value < owed:
        rows.append(_credit_row(open_now.value - owed, card))
    total = wording.value_of(open_now, card)
    return render("ageing.html", rows=rows, total=total, day=format_day(card.as_of))


def _owed(card: KpiSlice, receivables: float) -> float:
    """Return what is open above 0: receivables, from which credit notes are not taken off."""
    rate = card.measures.get("overdue_rate")
    owed = rate.number("denominator") if rate is not None else receivables
    return max(owed or 0.0, 0.0)


def survey_comments(card: Slice) -> Markup:
    """Return what people said in surveys, by topic, the topic with most comments first."""
    comments = card.content.comments
    if not comments:
        return _nothing(_("Nobody left a comment in a survey of this period."))
    grouped = [(topic, list(rows)) for topic, rows in groupby(comments, key=lambda c: c.topic)]
    topics = [
        {
            "title": _topic_title(topic, rows[0].of_topic),
            "said": [_comment_context(row) for row in rows],
        }
        for topic, rows in grouped
    ]
    return render("survey_comments.html", topics=topics)


def _nothing(why: str) -> Markup:
    return render("empty.html", text=why)


def _value(measure: Measure | None) -> float:
    return (measure.value or 0.0) if measure is not None else 0.0


def _reported_row(row: Reported, card: Slice) -> dict[str, object]:
    """Return a figure that the partner reported beside ours, as its template reads it."""
    measure = card.measures.get(row.kpi)

    def say(value: float | None) -> str | None:
        if value is None:
            return None
        if measure is None:
            return format_count(value)
        return wording.said(measure, value, card)

    relative = row.relative
    return {
        "name": measure.name if measure is not None else row.kpi,
        "period": period_words.period_of(row.period, card),
        "ours": say(row.ours),
        "reported": say(row.reported),
        "apart": None if relative is None else format_value(relative, "ratio", "", signed=True),
        "is_disputed": row.status == "disputed",
        "status": _(_STATUS[row.status]),
        "owner": row.owner,
        "since": period_words.period_of(row.since, card) if row.since else None,
        "why": translated(row.why) if row.why else None,
    }


def _age_rows(card: KpiSlice, owed: float, late: float) -> list[dict[str, object]]:
    """Return receivables by age as the template reads them, one row per age."""
    amounts = {_("not due yet"): owed - late}
    amounts |= {_(name): _value(card.measures.get(kpi)) for kpi, name in AGES.items()}
    return [_age_row(name, amount, owed, card) for name, amount in amounts.items()]


def _credit_row(amount: float, card: KpiSlice) -> dict[str, object]:
    """Return the row of credit notes, which have no share."""
    written = format_value(amount, "money", card.currency)
    name = _("credit notes, and what was paid too much")
    return {"name": name, "amount": written, "share": "", "bar": ""}


def _age_row(name: str, amount: float, total: float, card: KpiSlice) -> dict[str, object]:
    """Return the row of one age of receivables, with its share of the total."""
    share = format_value(amount / total, "ratio", card.currency)
    return {
        "name": name,
        "amount": format_value(amount, "money", card.currency),
        "share": share,
        "bar": share_bar(amount / total, _("{share} of all that is open", share=share)),
    }


def _topic_title(topic: str | None, count: int) -> str:
    """Return a topic and its number of comments in words."""
    name = _(TOPICS[topic]) if topic in TOPICS else _("Without a topic")
    return several(
        "{topic}: {count} comment",
        "{topic}: {count} comments",
        count,
        topic=name,
        count=format_count(count),
    )


def _comment_context(comment: Comment) -> dict[str, object]:
    """Return a comment as its template reads it, cut between words where it is long."""
    text = " ".join(comment.comment.split())
    if len(text) > LONGEST_COMMENT:
        text = text[:LONGEST_COMMENT].rsplit(" ", 1)[0] + " …"
    who = _(WHO[comment.respondent]) if comment.respondent in WHO else _("somebody")
    day = format_day(comment.responded_on)
    score = None if comment.score is None else format_short(comment.score, "number", "")
    return {"text": text, "who": who, "day": day, "score": score}
