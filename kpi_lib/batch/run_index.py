"""What a run leaves about itself: index.html for people, run.json for programs.

Neither names a place of this machine: problems keep the last part of a path only.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from kpi_lib.atomic import write_whole
from kpi_lib.batch.findings import Findings
from kpi_lib.batch.jobs import Job, Page, ReportResult
from kpi_lib.leaks.allowed import Allowed
from kpi_lib.publish.index_page import index_page
from kpi_lib.show.common import data_notes, period_words, wording
from kpi_lib.show.common.edition_words import words_of
from kpi_lib.show.common.language import N_, _
from kpi_lib.show.common.numbers import format_day
from kpi_lib.show.common.slice import Slice
from kpi_lib.slices.json_form import deep_plain
from kpi_lib.slices.page_types import DataFacts

_PATH = re.compile(r"(?<![\w:/.])(?:[A-Za-z]:)?(?:[\\/][^\\/\s'\",;:)]+){2,}")
_RUN = ("period", "as_of", "to_date", "currency", "year_end")
_DATA = (
    *("source", "is_example", "is_synthetic", "left_out"),
    *("first_day", "last_day", "fingerprint"),
)
_NOTHING = "\N{EN DASH}"
_GROUPS = {"managers": N_("Account manager {name}"), "branches": N_("Branch {name}")}


@dataclass(frozen=True)
class RunRecord:
    """What a run of the batch says of itself: when, with what, and how long."""

    started_at: str  # an ISO moment
    seconds: float
    version: str
    workers: int = 1
    inputs: Mapping[str, str] = field(default_factory=dict)  # what was read, and its hash
    allow_faults: bool = False
    others: Mapping[str, str] = field(
        default_factory=dict
    )  # further files of the run, by what they are
    findings: Findings = field(default_factory=Findings)
    joining_later: tuple[str, ...] = ()  # partners without a page: they join after the period
    allowed: tuple[Allowed, ...] = ()  # what the search found and a person let stand


def write_record(
    out: Path, run: RunRecord, jobs: Sequence[Job], results: Sequence[ReportResult]
) -> None:
    """Write index.html and run.json of a run into the period's folder `out`."""
    pairs = list(zip(jobs, results, strict=True))
    of_partners = [(job, result) for job, result in pairs if job.page.is_partners]
    of_run = [result for job, result in pairs if not job.page.is_partners]
    of_run.sort(key=lambda result: result.page.group)  # what is about all comes first
    slices = [Slice.read(job.slice_folder) for job, _ in of_partners]
    index = _index_html(run, of_partners, slices, [_page_of_run(result) for result in of_run])
    write_whole(out / "index.html", index)
    record = run_record(out, run, results, slices[0] if slices else None)
    write_whole(out / "run.json", json.dumps(record, indent=1, ensure_ascii=False) + "\n")


def run_record(
    out: Path, run: RunRecord, results: Sequence[ReportResult], card: Slice | None
) -> dict[str, Any]:
    """Return what run.json says."""
    failed = sorted({result.page.subject for result in results if not result.done})
    about = {name: deep_plain(getattr(card.content.run, name)) for name in _RUN} if card else {}
    data = card.data if card else DataFacts()
    return {
        **about,
        "state": "some failed" if failed else "done",
        "started_at": run.started_at,
        "seconds": round(run.seconds, 1),
        "cpu_seconds_of_reports": round(sum(result.cpu_seconds for result in results), 1),
        "workers": run.workers,
        "version": run.version,
        "data": {name: deep_plain(getattr(data, name)) for name in _DATA},
        "inputs": dict(sorted(run.inputs.items())),
        "allow_faults": run.allow_faults,
        "tables": {
            name: _sha256(out / name) for name in run.others.values() if (out / name).is_file()
        },
        **run.findings.as_dict(),
        "partners": len({r.page.subject for r in results if r.page.is_partners}),
        "joining_later": list(run.joining_later),
        "allowed": [asdict(allowed) for allowed in run.allowed],
        "failed": failed,
        "reports": [_report_entry(out, result) for result in results],
    }  # fmt: skip


def without_folders(text: str) -> str:
    """Return a text in which paths keep their last part only.

    >>> without_folders("it asked for /somewhere/reports/2011-Q3/kpis.parquet")
    'it asked for kpis.parquet'
    """
    return _PATH.sub(lambda found: re.split(r"[\\/]", found[0])[-1], text)


def _report_entry(out: Path, result: ReportResult) -> dict[str, Any]:
    """Return a report as run.json holds it, its files with their SHA-256."""
    return {
        "page": result.page.place,
        "partner_id": result.page.subject if result.page.is_partners else None,
        "edition": result.page.edition or None,
        "state": "failed" if not result.done else "not up to date" if result.stale else "done",
        "stale": result.stale,
        "seconds": result.seconds,
        "cpu_seconds": result.cpu_seconds,
        "bytes": result.bytes,
        "files": {name: _sha256(out / name) for name in result.files},
        "problems": [
            {"where": p.where, "found": without_folders(p.found), "todo": without_folders(p.todo)}
            for p in result.problems
        ],
    }


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _index_html(
    run: RunRecord,
    pairs: Sequence[tuple[Job, ReportResult]],
    slices: Sequence[Slice],
    pages: Sequence[Mapping[str, Any]],
) -> str:
    """Return the index page of a run: one row per partner, those with a failed report first."""
    rows: dict[str, dict[str, Any]] = {}
    for (job, result), card in zip(pairs, slices, strict=True):
        page = job.page
        row = rows.setdefault(page.subject, _partner_row(page, card))
        row["stale"] = row["stale"] or result.stale
        if result.done and not result.files:
            continue
        if result.done:
            row["links"].append((_(words_of(page.edition).link), _link(page)))
            row["links"] += [("PDF", quote(n)) for n in result.files if n.endswith(".pdf")]
            row["links"].sort()  # the partner's own page first
        else:
            row["done"] = False
            row["error"] = without_folders(result.problems[0].found)
    for partner_id, row in rows.items():
        if not row["done"]:
            row["links"] = [(_("Error"), f"failed/{quote(partner_id)}/error.txt")]
    ordered = sorted(rows.values(), key=lambda row: (row["done"], -row["size"], row["name"]))
    first = slices[0] if slices else None
    return index_page(ordered, pages=pages, **_page_facts(run, ordered, pages, len(pairs), first))


def _page_of_run(result: ReportResult) -> dict[str, Any]:
    """Return a page of the run as the index shows it: its name, what came of it, where it is."""
    page = result.page
    links = [(_("Open"), _link(page))] if result.files else []
    return {
        "name": _(_GROUPS.get(page.group, "{name}"), name=_subject(page)),
        "done": result.done,
        "stale": result.stale,
        "error": None if result.done else without_folders(result.problems[0].found),
        "links": links if result.done else [(_("Error"), quote(f"{page.failed}/error.txt"))],
    }


def _subject(page: Page) -> str:
    """Return what a page of the run is about; a manager or a branch keeps its own name."""
    return page.subject if page.group else wording.plain(page.subject)


def _partner_row(page: Page, card: Slice) -> dict[str, Any]:
    """Return the row of a partner in the index, before its links and errors are put in."""
    business = card.business
    change = wording.change_of(business, "year_ago", card) if business else None
    return {
        "partner_id": page.subject,
        "name": card.name,
        "type": _(wording.plain(card.partner.partner_type)),
        "business": wording.value_of(business, card) if business else _NOTHING,
        "change": change.signed if change else _NOTHING,
        "size": (business.value or 0.0) if business else 0.0,
        "done": True,
        "error": None,
        "stale": "",
        "links": [],
    }


def _link(page: Page) -> str:
    return quote(f"{page.place}.html")


def _page_facts(
    run: RunRecord,
    rows: Sequence[Mapping[str, Any]],
    pages: Sequence[Mapping[str, Any]],
    reports: int,
    card: Slice | None,
) -> dict[str, Any]:
    """Return what the index page says of the whole run, by the names in its template."""
    pages_failed = sum(not page["done"] for page in pages)
    failed = sum(not row["done"] for row in rows)
    stale = sum(bool(row["stale"]) for row in rows)
    facts = [(_("Made"), run.started_at.replace("T", " ")[:16]), (_("Version"), run.version)]
    if card is not None:
        span = period_words.span(card.period.start, card.period.end)
        facts = [(_("Period"), span), (_("Figures as of"), format_day(card.as_of)), *facts]
    business = card.business if card else None
    return {
        "title": f"{_('Partner scorecards')}, {card.period if card else _('no partners')}",
        "period": period_words.period_title(card) if card else _("No partners"),
        "facts": facts,
        "sentence": data_notes.run_sentence(len(rows), reports, failed, stale, pages_failed),
        "notes": [*_figure_notes(run.findings), *(data_notes.about_run(card) if card else [])],
        "business_name": business.name if business else _("Revenue"),
        "others": [(_(text), file) for text, file in run.others.items()],
        "restated": data_notes.restated_sentence(run.findings.restated),
        "findings": run.findings,
    }


def _figure_notes(findings: Findings) -> list[str]:
    """Return the sentences on figures in dispute and on figures that were restated."""
    disputed = data_notes.disputed_sentence(findings.disputed, findings.of_this_period)
    restated = data_notes.restated_sentence(findings.restated)
    return [f"{sentence}." for sentence in (disputed, restated) if sentence]
