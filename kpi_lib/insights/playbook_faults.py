"""What can be wrong with a playbook that has the right form: names, words, figures that are not."""

from __future__ import annotations

import difflib
import string
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from kpi_lib.audience import PARTNER
from kpi_lib.engine.kpi import Kpi
from kpi_lib.insights.playbook_rules import Playbook, Rule, When
from kpi_lib.insights.shortfall import HELD_AGAINST, OF_TARGET
from kpi_lib.insights.stake import is_total, money_of

LIMITS = frozenset({"above", "below"})
WITH_GAP = LIMITS.union(*HELD_AGAINST.values())
ANY_DIRECTION = frozenset({"above", "below", "missing"})  # fit a KPI of which neither is better

# A text may name these, and a figure only where a condition of its rule says that there is one.
ALWAYS = frozenset({"partner", "name", "period", "due", "owner"})
FIGURES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        **HELD_AGAINST,
        "value": WITH_GAP | {"trend"},
        "gap": WITH_GAP,
        "minimum": OF_TARGET,
        "limit": LIMITS,
        "periods": frozenset({"off_track_periods"}),
        "previous": HELD_AGAINST["previous"] | {"missing"},
    }
)
PLACEHOLDERS = (*sorted(ALWAYS), *FIGURES)
IN_TITLES = frozenset({"partner", "name"})  # a later period quotes the action without its figures


class Fault(NamedTuple):
    """What is wrong at a key of the playbook, and what to do about it."""

    key: str
    found: str
    todo: str = ""


def faults_of(
    book: Playbook, known: Mapping[str, Kpi], roles: Iterable[str], languages: Iterable[str]
) -> list[Fault]:
    """Return all that is wrong with the rules, given the catalogue and the pages' languages."""
    found = list(_language_faults(book, languages))
    for name, rule in book.rules.items():
        checked = (check(rule, known) for check in _CHECKS)
        faults = [fault for of_check in checked for fault in of_check]
        faults += _owner_faults(rule, sorted(roles))
        found += [Fault(f"rules.{name}.{f.key}", f.found, f.todo) for f in faults]
    return found


def _language_faults(book: Playbook, languages: Iterable[str]) -> Iterator[Fault]:
    """Yield a fault for each language of pages that the playbook does not speak throughout."""
    for language in languages:
        lacking = [key for key, words in book.texts() if language not in words]
        if lacking:
            more = f", nor in {len(lacking) - 1} places more" if len(lacking) > 1 else ""
            todo = "Pages are made in the languages of project.yml: write each text in them."
            yield Fault(lacking[0], f"has no text in {language}{more}", todo)


def _owner_faults(rule: Rule, roles: list[str]) -> list[Fault]:
    """Return the fault of a rule whose owner is not among the roles; else nothing."""
    if rule.owner in roles:
        return []
    return [Fault("owner", f"{rule.owner!r} is none of the owners", _nearest(rule.owner, roles))]


def _name_faults(rule: Rule, known: Mapping[str, Kpi]) -> Iterator[Fault]:
    """Yield a fault for each KPI or family that is none, and for rules that are about nothing."""
    families = {kpi.family for kpi in known.values()}
    named = [("family", "family", word, families) for word in rule.family]
    named += [(key, "KPI", kpi, set(known)) for key, kpis in _kpis(rule) for kpi in kpis]
    wrong = [(key, what, word, there) for key, what, word, there in named if word not in there]
    for key, what, word, there in wrong:
        yield Fault(key, f"there is no {what} {word!r}", _nearest(word, there))
    if not wrong and not _kpis_of_rule(rule, known):
        yield Fault("kpi", "no KPI is of these families", "Name one of the two, not both.")


def _internal_faults(rule: Rule, known: Mapping[str, Kpi]) -> Iterator[Fault]:
    """Yield a fault for what would show a partner internal KPIs."""
    if not PARTNER.may_see(rule.edition):
        return
    for key, kpis in _kpis(rule):
        for kpi in kpis:
            if kpi in known and not PARTNER.may_see(known[kpi].audience):
                todo = "Write `edition: internal`, or name another KPI."
                yield Fault(key, f"{kpi} is internal, and the rule is for partners too", todo)


def _condition_faults(rule: Rule, known: Mapping[str, Kpi]) -> Iterator[Fault]:
    """Yield a fault for each case that nothing can be held against."""
    for key, when in rule.cases_of_when.items():
        asked = when.conditions
        if not asked:
            yield Fault(key, "asks for nothing", "Name a condition; docs/playbook.md lists them.")
        if when.missing and len(asked) > 1:
            yield Fault(key, "a value that is missing has no other figure", "Ask for nothing else.")
        if asked & LIMITS and not rule.kpi:
            todo = "Name the KPIs: a limit is in a KPI's own unit."
            yield Fault(key, "a limit, but no KPI", todo)
        for kpi in _kpis_of_rule(rule, known) if rule.kpi else ():
            yield from _unfit_conditions(key, asked, kpi)


def _unfit_conditions(key: str, asked: frozenset[str], kpi: Kpi) -> Iterator[Fault]:
    """Yield a fault for each condition that a KPI cannot fulfil."""
    if kpi.better == "neither" and asked - ANY_DIRECTION:
        found = f"of {kpi.id} neither a higher nor a lower value is better"
        yield Fault(key, found, "Only above, below and missing fit it.")
    if "behind_benchmark" in asked and kpi.benchmark is None:
        yield Fault(key, f"{kpi.id} has no benchmark", "Hold it against something else.")


def _text_faults(rule: Rule, _known: Mapping[str, Kpi]) -> Iterator[Fault]:
    """Yield a fault for placeholders that are none, or may have no figure."""
    cases = list(rule.cases_of_when.values())
    sure = ALWAYS | {f for f, by in FIGURES.items() if all(w.conditions & by for w in cases)}
    for key, words, allowed in (
        ("action", rule.action, IN_TITLES),
        ("next_step", rule.next_step, sure),
    ):
        for language, text in words.items():
            for found, todo in _placeholder_faults(text, allowed, cases):
                yield Fault(f"{key}.{language}", found, todo)


def _placeholder_faults(
    text: str, allowed: frozenset[str], cases: list[When]
) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a text's {placeholders}, and what to do, a pair for each."""
    try:
        names = list(placeholders(text))
    except ValueError:
        yield "a brace that is not closed or not opened", "Write {{ for a brace that is text."
        return
    for name in names:
        if name not in PLACEHOLDERS:
            yield f"there is no {{{name}}}", _nearest(name, PLACEHOLDERS)
        elif allowed == IN_TITLES and name not in allowed:
            yield f"{{{name}}} in the name of an action", "Say figures in next_step."
        elif name not in allowed:
            needed = " or ".join(sorted(FIGURES[name]))
            yield f"{{{name}}} may have no figure", f"Each case must ask for {needed}."


def placeholders(text: str) -> Iterator[str]:
    """Yield what stands in braces, as it stands; raise ValueError where they do not match."""
    for _, name, form, conversion in string.Formatter().parse(text):
        if name is not None:
            yield name + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")


def _stake_faults(rule: Rule, known: Mapping[str, Kpi]) -> Iterator[Fault]:
    """Yield a fault for stakes that do not come to an amount of money."""
    if rule.stake is None or any(kpi not in known for _, kpis in _kpis(rule) for kpi in kpis):
        return
    if not rule.kpi:
        yield Fault("stake", "a stake, but no KPI", "Name the KPIs whose gap it turns into money.")
    for kpi in rule.kpi:
        units = _units((kpi, *rule.stake.times), known)
        units.subtract(_units(rule.stake.over, known))
        if {unit: power for unit, power in units.items() if power} != {"money": 1}:
            todo = "docs/playbook.md shows how a gap becomes money."
            yield Fault("stake", f"with the gap of {kpi} it does not come to money", todo)
        elif not is_total(known[money_of(rule.stake, known[kpi], known) or kpi]):
            todo = "Name under `of` the KPI in money that it speaks of, such as revenue."
            yield Fault("stake", "it does not say of which money it is a part", todo)


def _units(kpis: Iterable[str], known: Mapping[str, Kpi]) -> Counter[str]:
    """Count the units that do not cancel: a ratio and a number have none."""
    units = (known[kpi].unit for kpi in kpis)
    return Counter(unit for unit in units if unit not in ("ratio", "number"))


def _kpis(rule: Rule) -> list[tuple[str, tuple[str, ...]]]:
    """Return the KPIs that a rule names, by the key on which they stand."""
    stake = rule.stake
    if stake is None:
        return [("kpi", rule.kpi)]
    of = (stake.of,) if stake.of else ()
    of_stake = [("stake.times", stake.times), ("stake.over", stake.over), ("stake.of", of)]
    return [("kpi", rule.kpi), *of_stake]


def _kpis_of_rule(rule: Rule, known: Mapping[str, Kpi]) -> list[Kpi]:
    """Return the KPIs that a rule is about."""
    return [kpi for kpi in known.values() if rule.is_about(kpi)]


def _nearest(word: str, known: Iterable[str]) -> str:
    """Return a hint at the nearest known words, or else at all of them."""
    names = sorted(known)
    near = difflib.get_close_matches(word.lower(), names, n=2, cutoff=0.5)
    if near:
        return f"Did you mean {' or '.join(near)}?"
    return f"There are: {', '.join(names)}." if len(names) <= 20 else "`kpi list` shows them all."


_CHECKS: tuple[Callable[[Rule, Mapping[str, Kpi]], Iterable[Fault]], ...] = (
    _name_faults,
    _internal_faults,
    _condition_faults,
    _text_faults,
    _stake_faults,
)
