"""What a company's own words say: the texts of its playbook, the definitions of its measures."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from tests.claims.claims import Claim, Pattern, Said, is_figure
from tests.claims.facts import Facts
from tests.claims.templates import COUNT, FIGURE, TEXT

COLUMNS = ("value", "target", "minimum", "year_ago", "previous", "benchmark", "peer_median")


def of_the_company(facts: Facts) -> list[Pattern]:
    """Return the patterns of the company's own words that hold digits or places for figures."""
    steps = [rule["next_step"][facts.language] for rule in facts.playbook.values()]
    claims = [Claim(text, next_step, _slots(text), is_plain=True) for text in steps if "{" in text]
    plainly = [text for text in steps if "{" not in text and re.search(r"\d", text)]
    claims += [Claim(text, _said_plainly, is_plain=True) for text in plainly]
    defined = {kpi.definition for kpi in facts.definitions.values()}
    texts = (facts.words.in_language(text)[0] for text in sorted(defined))
    claims += [
        Claim(_sentence(text), definition, is_plain=True)
        for text in texts
        if re.search(r"\d", text)
    ]
    names = (name for name in facts.words.measures if re.search(r"\d", name))
    claims += [Claim(name, _said_plainly, is_plain=True, pages="data_quality") for name in names]
    missing = {str(row["missing"]) for row in facts.kpis.values() if row["missing"]}
    claims += [Claim(text, reason) for text in sorted(missing) if re.search(r"\d", text)]
    return [pattern for claim in claims for pattern in claim.patterns(facts.words)]


def _slots(text: str) -> Mapping[str, str]:
    figures = dict.fromkeys((*COLUMNS, "limit", "gap"), FIGURE)
    words = dict.fromkeys(("name", "partner", "owner"), TEXT)
    return {**figures, **words, "periods": COUNT}


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _said_plainly(said: Said) -> Iterable[str]:
    return ()


def next_step(said: Said) -> Iterator[str]:
    """Yield what is untrue of the figures in a next step of the playbook."""
    facts = said.facts
    action = next(
        a
        for a in facts.actions_of(said.whose)
        if facts.playbook[a["rule"]]["next_step"][facts.language] == said.claim.message
    )
    row = facts.row(said.whose, action["kpi"])
    kpi = facts.definitions[action["kpi"]]
    unit = str(kpi.measured_in or kpi.unit)
    values = {name: row[name] for name in COLUMNS} | {"limit": action["reference"]}
    for slot in said.found.groupdict():
        if slot == "gap" and unit == "ratio":
            if not said.figure(slot).is_about(action["gap"] * 100):
                yield f"the gap is {action['gap']}"
        elif slot in values or slot == "gap":
            number = action["gap"] if slot == "gap" else values[slot]
            yield from is_figure(said.figure(slot), number, unit, slot)
        elif slot == "periods":
            number = row["off_track_periods"]
            yield from is_figure(said.figure(slot), number, "number", "how long it is off track")


def definition(said: Said) -> Iterator[str]:
    """Yield a fault where a definition is not that of the measure that it stands beside."""
    kpi = said.facts.definitions[said.about]
    text = said.facts.words.in_language(kpi.definition)[0]
    if text.casefold() != str(said.claim.message).casefold():
        yield f"{said.about} is defined otherwise"


def reason(said: Said) -> Iterator[str]:
    """Yield a fault where a value is missing for another reason, where one alone is spoken of."""
    row = said.facts.row(said.whose, said.about) if said.about else None
    if row is not None and row["missing"] != said.claim.message:
        yield f"{said.about} is missing as {row['missing']}"
