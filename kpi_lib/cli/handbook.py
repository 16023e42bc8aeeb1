"""The catalogue as a page to read: what each KPI means, how it is made, what to mind."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from kpi_lib.engine.formula import Formula, Modelled, Observed
from kpi_lib.engine.kpi import Benchmark, Kpi
from kpi_lib.engine.scopes import ATTRIBUTES, SCOPES
from kpi_lib.kpis.packs import FAMILY as PACKS
from kpi_lib.kpis.profiles import GOALS, PROFILES
from kpi_lib.show.common.numbers import format_value
from kpi_lib.show.common.templating import link, render_text
from kpi_lib.show.common.wording import FAMILY, plain

SIDES = {"us": "we answer", "partner": "the partner answers", "both": "both sides answer"}
AUDIENCES = {"shared": "may be shown to the partner", "internal": "internal"}
ROLL_UPS = "roll-ups of partners by type, tier, segment, region, branch and manager"
NAMED = re.compile(r"`(\w+)`")


def handbook(kpis: Sequence[Kpi]) -> str:
    """Return a page in Markdown: every KPI by family, then packs, profiles and goals."""
    names = {kpi.id: kpi.name if kpi.family != PACKS else "Industry packs" for kpi in kpis}
    families = dict.fromkeys(kpi.family for kpi in kpis if kpi.family != PACKS)
    return render_text(
        "handbook.md.j2",
        chapters=[
            _chapter(family, [kpi for kpi in kpis if kpi.family == family], names)
            for family in families
        ],
        measures=[_observed_measure(kpi) for kpi in kpis if kpi.family == PACKS],
        profiles=_linked_lists(PROFILES, names),
        goals=_linked_lists(GOALS, names),
    )


def _chapter(family: str, kpis: Sequence[Kpi], names: Mapping[str, str]) -> dict[str, Any]:
    """Return a family of KPIs as the template of the catalogue has it."""
    modules = list(dict.fromkeys(kpi.module for kpi in kpis))
    return {
        "title": FAMILY[family],
        "about": [text for module in modules for text in _about(module, family)],
        "modules": modules,
        "kpis": [_kpi_entry(kpi, names) for kpi in kpis],
    }


def _about(module: str, family: str) -> list[str]:
    """Return what a module says of itself, in the chapter of its own family."""
    source = sys.modules[f"kpi_lib.kpis.{module}"]
    if getattr(source, "FAMILY", module) != family:
        return []
    _, _, about = (source.__doc__ or "").strip().partition(": ")
    return [
        " ".join(paragraph.split()) for paragraph in f"{about[:1].upper()}{about[1:]}".split("\n\n")
    ]


def _kpi_entry(kpi: Kpi, names: Mapping[str, str]) -> dict[str, Any]:
    """Return a KPI as the template of the catalogue has it."""
    traits = [kpi.unit, f"{kpi.better} is better", SIDES[kpi.accountable], AUDIENCES[kpi.audience]]
    if kpi.adds_up:
        traits.append("its target is paced")
    return {
        "name": kpi.name,
        "in_short": " · ".join([f"`{kpi.id}`", *traits, f"every {kpi.cadence}"]),
        "paragraphs": [_linked(text, names) for text in (kpi.definition, *kpi.notes)],
        "facts": _facts(kpi),
    }


def _facts(kpi: Kpi) -> dict[str, str]:
    """Return what there is to say of a KPI, by name; empty where there is nothing."""
    needs = [f"`{table}` ({', '.join(sorted(kpi.needs[table]))})" for table in sorted(kpi.needs)]
    return {
        "Formula": _formula(kpi),
        "Needs": "; ".join(needs),
        "Shown for": "" if kpi.scopes == SCOPES else _scopes(kpi),
        "Beside it": "the figure of direct business" if kpi.compare_direct else "",
        "A published claim": "" if kpi.benchmark is None else _claim_text(kpi.benchmark, kpi.unit),
        "Leads the scorecard of": ", ".join(_holding(kpi.id, PROFILES)),
        "Speaks for the goal": ", ".join(_holding(kpi.id, GOALS)),
    }


def _formula(kpi: Kpi) -> str:
    """Return numerator over denominator in words, nothing where the definition is all there is."""
    formula = kpi.formula
    if isinstance(formula, Modelled):
        over = "" if formula.per is None else f" **over** {formula.per}"
        return f"{formula.value}{over}, as the model {formula.model} tells it"
    if not isinstance(formula, Formula):
        return ""
    over = "" if formula.per is None else f" **over** {formula.per.in_words()}"
    minus = f" **less** {formula.minus:g}" if formula.minus else ""
    return f"{formula.value.in_words()}{over}{minus}"


def _scopes(kpi: Kpi) -> str:
    names = [ROLL_UPS if scope in ATTRIBUTES else scope for scope in kpi.scopes]
    return ", ".join(dict.fromkeys(names))


def _claim_text(claim: Benchmark, unit: str) -> str:
    """Return a published benchmark in words: the figure, whose it is, and its source."""
    if claim.of_direct is not None:
        most = f", {claim.most:g} at most" if math.isfinite(claim.most) else ""
        return f"{claim.of_direct:g} x the figure of direct business{most} ({claim.source})"
    ends = [end for end in (claim.low, claim.high) if end is not None]
    figure = " to ".join(format_value(end, unit, "EUR") for end in ends)
    each = " a year" if claim.per_year else ""
    return f"{figure}{each}{f', {claim.scope}' if claim.scope else ''} ({claim.source})"


def _observed_measure(kpi: Kpi) -> dict[str, str]:
    """Return id, name, unit, direction and industry of a measure that is observed."""
    industry = kpi.formula.industry if isinstance(kpi.formula, Observed) else None
    measure = {"id": kpi.id, "name": kpi.name, "unit": kpi.unit, "better": kpi.better}
    return {**measure, "industry": plain(industry) if industry else "your own"}


def _linked_lists(
    lists: Mapping[str, Sequence[str]], names: Mapping[str, str]
) -> dict[str, list[str]]:
    return {plain(of): [_linked(f"`{kpi}`", names) for kpi in kpis] for of, kpis in lists.items()}


def _holding(kpi_id: str, lists: Mapping[str, Sequence[str]]) -> list[str]:
    return [plain(name).lower() for name, kpis in lists.items() if kpi_id in kpis]


def _linked(text: str, names: Mapping[str, str]) -> str:
    """Return the text with every KPI that it names by its id linked to its entry."""
    return NAMED.sub(lambda m: f"[{m[0]}]({link(names[m[1]])})" if m[1] in names else m[0], text)
