"""What a portfolio page says of shares: of all revenue, of the largest, of what is credited."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.claims.claims import Said, claims, is_figure
from tests.claims.facts import Whose
from tests.claims.figures import Figure, read_period
from tests.claims.say_portfolio import as_figure, listed, of_partners
from tests.claims.templates import BAND, FIGURE, PERIOD, REST, WHO

MODELS = ("first_touch", "last_touch", "linear", "time_decay", "position_based")
DASH = "\N{EN DASH}"

# --- shares ---------------------------------------------------------------------------------------


@claims("Partners bring {share} of all revenue", subject="revenue_share")
def of_all_revenue(said: Said) -> Iterator[str]:
    yield from is_figure(said.figure("share"), said.row["value"], "ratio", "the share")


@claims("Bar chart of revenue by period: {amounts}.", slots={"amounts": REST}, subject="revenue")
def by_period(said: Said) -> Iterator[str]:
    words = said.facts.words
    scopes = {
        words.in_language("Partners")[0]: "portfolio",
        words.in_language("Direct")[0]: "direct",
    }
    for head, figure in listed(said, "amounts"):
        found = re.fullmatch(rf"(\w+) ({words.kinds[PERIOD]})", head)
        if not found or not figure:
            yield f"{head!r} is no scope and period"
            continue
        whose = Whose(scopes[found[1]], scopes[found[1]], "internal", "")
        value = said.facts.earlier(whose, "revenue", read_period(found[2], words.language))
        yield from is_figure(as_figure(said, figure), value, "money", f"that of {head}")


def shares(said: Said, column: str = "value") -> list[float]:
    """Return the partners' shares of their revenue added up, the largest first."""
    values = sorted(
        (v for v in of_partners(said, "revenue", column).values() if v > 0), reverse=True
    )
    whole, so_far = sum(values), 0.0
    so_far_shares = []
    for value in values:
        so_far += value
        so_far_shares.append(so_far / whole)
    return so_far_shares


@claims(
    (
        "The largest partner brings {share} of the revenue",
        "The {count} largest partners bring {share} of the revenue",
    )
)
def the_largest(said: Said) -> Iterator[str]:
    slots = said.found.groupdict()
    count = int(said.figure("count").number) if "count" in slots else 1
    yield from is_figure(said.figure("share"), shares(said)[count - 1], "ratio", "the share")


@claims(
    "Line chart of the share of revenue of the largest partners: {shares}.", slots={"shares": REST}
)
def shares_of_the_largest(said: Said) -> Iterator[str]:
    for head, figure in listed(said, "shares"):
        count = int(re.findall(r"\d+", head)[0])
        yield from is_figure(as_figure(said, figure), shares(said)[count - 1], "ratio", head)


@claims(
    "Shares of the partners' revenue. The index is Herfindahl and Hirschman's: the sum of the "
    "squared shares, {even} were all {count} alike, {one} with one partner alone. The dashed "
    "line is where all would be alike.",
    slots={"even": FIGURE, "one": FIGURE},
)
def concentration(said: Said) -> Iterator[str]:
    count = len(shares(said))
    yield from is_figure(said.figure("count"), count, "number", "their number")
    yield from is_figure(said.figure("even"), 1 / count, "number", "the index")
    yield from is_figure(said.figure("one"), 1, "number", "the index of one")


def credited(said: Said, partner: str) -> list[float]:
    """Return what each model of attribution credits to a partner."""
    rows = (said.facts.kpis.get(("partner", partner, f"{m}_revenue")) for m in MODELS)
    return [row["value"] for row in rows if row is not None and row["value"] is not None]


@claims("The models disagree most about {name}: {low} to {high}", slots={"name": WHO})
def disagree_most(said: Said) -> Iterator[str]:
    partner = said.facts.words.partners[said["name"]]
    yield from _ends(said, partner, said.figure("low"), said.figure("high"))
    apart = {
        one: max(values) - min(values)
        for one in said.facts.theirs(said.whose)
        if (values := credited(said, one))
    }
    if round(apart[partner]) < round(max(apart.values())):
        yield f"{max(apart, key=lambda one: apart[one])} is further apart"


def _ends(said: Said, partner: str, low: Figure, high: Figure) -> Iterator[str]:
    values = credited(said, partner)
    yield from is_figure(low, min(values), "money", "the least")
    yield from is_figure(high, max(values), "money", "the most")


@claims(
    "Range chart of credited revenue, least to most by model: {ranges}.", slots={"ranges": REST}
)
def credited_by_model(said: Said) -> Iterator[str]:
    for name, band in listed(said, "ranges", BAND):
        if not band:
            yield f"{name!r} is no partner with its range"
            continue
        low, high = (as_figure(said, end) for end in band.split(f" {DASH} "))
        yield from _ends(said, said.facts.words.partners[name], low, high)


@claims(
    "The logistic model was closer to what happened in the last period than the rule of "
    "thumb (Brier score {score}).",
    slots={"score": FIGURE},
)
def brier(said: Said) -> Iterator[str]:
    tests = said.facts.given(said.whose)["outlook"]["fading"]["tests"]
    scores = {test["way"]: test["brier"] for test in tests}
    yield from is_figure(said.figure("score"), scores["logistic"], "number", "the score")
    if scores["logistic"] >= min(score for way, score in scores.items() if way != "logistic"):
        yield f"the scores are {scores}"
