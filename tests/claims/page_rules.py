"""What must hold of a partner's page as a whole: what is good is not bad, nothing is twice."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from tests.claims.facts import WANTED, Facts, Whose
from tests.claims.pages import Element
from tests.claims.templates import NAME

STATUS = {
    "on_track": "On track",
    "at_risk": "At risk",
    "off_track": "Off track",
    "unsure": "Too few cases to say",
}


def page_faults(page: Element, whose: Whose, facts: Facts) -> Iterator[str]:
    """Yield what contradicts itself on a partner's page, or judges what cannot be judged."""
    if whose.scope != "partner":
        return
    yield from praised_and_blamed(page, facts)
    yield from asked_twice(page)
    yield from good_news(page, whose, facts)
    yield from statuses(page, whose, facts)
    yield from unchanged(page, whose, facts)


def kpi_of(text: str, facts: Facts) -> str:
    """Return the measure that a text begins with, nothing where it begins with none."""
    found = re.match(facts.words.kinds[NAME], text)
    return facts.words.measures[found[0]] if found else ""


def in_short(page: Element, label: str, facts: Facts) -> str:
    """Return the measure that the verdict names under a label."""
    wanted = facts.words.in_language(label)[0]
    for pair in (
        pair for box in page.all("dl") if "in-short" in box.classes for pair in box.all("div")
    ):
        term, shown = next(pair.all("dt")).text(), next(pair.all("dd")).text()
        if term == wanted:
            return kpi_of(shown, facts)
    return ""


def items(page: Element, kind: str, tag: str) -> list[Element]:
    """Return the items of a list of the page: its actions, or its good news."""
    lists = (box for box in page.all("ol", "ul") if kind in box.classes)
    return [item for box in lists if "topic" not in _classes(box) for item in box.all(tag)]


def _classes(box: Element) -> set[str]:
    return {name for at in box.above() for name in at.classes}


def praised_and_blamed(page: Element, facts: Facts) -> Iterator[str]:
    """No measure is good news and in need of attention at once."""
    good = {in_short(page, "Went well", facts)}
    good |= {kpi_of(item.text(), facts) for item in items(page, "went-well", "li")}
    bad = {in_short(page, "Needs attention", facts)}
    both = (good & bad) - {""}
    if both:
        yield f"{both} are good news and need attention"


def asked_twice(page: Element) -> Iterator[str]:
    """No action stands twice on a page."""
    titles = Counter(next(item.all("h3")).text() for item in items(page, "actions", "li"))
    yield from (f"{title!r} is asked {count} times" for title, count in titles.items() if count > 1)


def good_news(page: Element, whose: Whose, facts: Facts) -> Iterator[str]:
    """Good news is not worse than its target and than a year ago, where a target is judged."""
    kpis = [kpi_of(item.text(), facts) for item in items(page, "went-well", "li")]
    for kpi in filter(None, (*kpis, in_short(page, "Went well", facts))):
        row, wanted = facts.row(whose, kpi), WANTED.get(facts.definitions[kpi].better, 0)
        if row["status"] in ("off_track", "at_risk"):
            yield f"{kpi} went well and is {row['status']}"
        bases = [row[column] for column in ("target", "year_ago") if row[column] is not None]
        is_behind = all((row["value"] - base) * wanted < 0 for base in bases)
        rises = {"up": 1, "down": -1}.get(row["trend"] or "", 0) * wanted > 0
        if bases and is_behind and not rises:
            yield f"{kpi} went well, and is behind {bases}"
        if not facts.covers(kpi, facts.period) or facts.has_left_before(whose.entity):
            yield f"{kpi} is judged in a period that does not tell"
    worst = in_short(page, "Needs attention", facts)
    if worst:
        yield from _needs_attention(worst, whose, facts)


def _needs_attention(kpi: str, whose: Whose, facts: Facts) -> Iterator[str]:
    row, wanted = facts.row(whose, kpi), WANTED.get(facts.definitions[kpi].better, 0)
    reasons = [row["target"], row["year_ago"], row["previous"], row["peer_median"]]
    reasons += [a["reference"] for a in facts.actions_of(whose) if a["kpi"] == kpi]
    known = [base for base in reasons if base is not None]
    if row["value"] is not None and row["status"] == "on_track":
        asked = [a for a in facts.actions_of(whose) if a["kpi"] == kpi and a["against"] != "target"]
        if not asked:
            yield f"{kpi} needs attention and is on track"
    if row["value"] is not None and all((row["value"] - base) * wanted > 0 for base in known):
        yield f"{kpi} needs attention, and is ahead of {known}"


def statuses(page: Element, whose: Whose, facts: Facts) -> Iterator[str]:
    """The status beside a measure is that of its row, and of nothing that cannot be judged."""
    for tile in (box for box in page.all("div") if "tile" in box.classes):
        title = next(tile.all("h3")).text()
        row = facts.judged(facts.row(whose, facts.words.measures[title]), whose)
        shown = [box.text() for box in tile.all("p") if "status" in box.classes]
        wanted = STATUS.get(row["status"]) if row["value"] is not None else None
        yield from _status(title, shown, wanted, facts)
    for table in page.all("table"):
        if not {"gt_table", "side-table"} & set(table.classes):
            continue
        for line in (line for body in table.all("tbody") for line in body.all("tr")):
            yield from _status_of_line(line, whose, facts)


def _status_of_line(line: Element, whose: Whose, facts: Facts) -> Iterator[str]:
    heads = list(line.all("th"))
    kpi = kpi_of(heads[0].text(), facts) if heads else ""
    if not kpi or not list(line.all("td")):
        return
    row = facts.judged(facts.row(whose, kpi), whose)
    words = {facts.words.in_language(words)[0]: status for status, words in STATUS.items()}
    words[facts.words.in_language("Too few cases")[0]] = "unsure"
    texts = [cell.text().strip("●◆■◇○ ") for cell in line.all("td")]
    for word, status in words.items():
        if (
            any(text == word or text.endswith(f"{word}") for text in texts)
            and row["status"] != status
        ):
            yield f"{kpi} is said to be {word}, and is {row['status']}"


def _status(title: str, shown: list[str], wanted: str | None, facts: Facts) -> Iterator[str]:
    expected = facts.words.in_language(wanted)[0] if wanted else ""
    said = shown[0].strip("●◆■◇○ ") if shown else ""
    if said != expected:
        yield f"{title} is said to be {said!r}, and is {expected!r}"


def unchanged(page: Element, whose: Whose, facts: Facts) -> Iterator[str]:
    """What is unchanged on the year shows the same figure twice, wherever both are shown."""
    wanted = facts.words.in_language("Unchanged on the year")[0]
    for tile in (box for box in page.all("div") if "tile" in box.classes):
        if any(box.text().startswith(wanted) for box in tile.all("p")):
            row = facts.row(whose, facts.words.measures[next(tile.all("h3")).text()])
            if abs(row["value"] - row["year_ago"]) > 1e-5 * max(1.0, abs(row["value"])):
                yield f"{row['kpi']} moved from {row['year_ago']} to {row['value']}"
