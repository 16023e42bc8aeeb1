"""What a run left of a period, and which of its reports may go to their partners."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from kpi_lib import paths
from kpi_lib.audience import PARTNER
from kpi_lib.batch.input_hashes import changes_since
from kpi_lib.batch.jobs import LAST_PART, Page
from kpi_lib.errors import CallError, RunError
from kpi_lib.mail.addresses import fault_of_name
from kpi_lib.mail.recipients import Partners
from kpi_lib.measure.published import TABLE, read_record
from kpi_lib.measure.row_hashes import Changes
from kpi_lib.publish.exporter import about, require_finished
from kpi_lib.settings import Settings
from kpi_lib.show.common.slice import Slice

EDITION = PARTNER.name
_LONGEST_NAME = 200


@dataclass(frozen=True)
class Reports:
    """The reports of a period's folder, as its last run wrote them down in run.json.

    `changes`: what has changed since of what they rest on.
    """

    folder: Path
    record: Mapping[str, Any]
    changes: Changes

    @classmethod
    def open(cls, folder: Path, settings: Settings, workspace: Path) -> Reports:
        """Return the reports, held against the data as they are now; raise as `read` does."""
        return replace(cls.read(folder), changes=changes_since(folder, settings, workspace))

    @classmethod
    def read(cls, folder: Path) -> Reports:
        """Return the reports; raise CallError where no run of the period has ended."""
        record = read_record(folder)
        if not record.get("reports"):
            todo = f"Make them first: kpi run --period {folder.name}"
            raise CallError.at(f"period {folder.name}", "there are no reports of it", todo)
        table = folder / TABLE
        if not table.is_file() or sha256_of(table) != record.get("tables", {}).get(TABLE):
            found = f"its {TABLE} is not as its last run wrote it"
            raise CallError.at(f"period {folder.name}", found, "Run it again with `kpi run`.")
        return cls(folder, record, Changes())

    @cached_property
    def partners(self) -> Partners:
        """The partners of the run; those without an edition of their own share nothing."""
        known = {r["partner_id"] for r in self.record["reports"] if r["partner_id"] is not None}
        later = frozenset(self.record.get("joining_later", ()))
        return Partners(frozenset(known), frozenset(known - set(self._own)), later)

    @cached_property
    def _own(self) -> dict[str, Mapping[str, Any]]:
        own = (r for r in self.record["reports"] if r["edition"] == EDITION)
        return {report["partner_id"]: report for report in own}

    def page(self, partner_id: str, ending: str) -> Path:
        """Return a file of the partner's own edition."""
        return self.folder / f"{Page(partner_id, EDITION).place}.{ending}"

    def wrote(self, partner_id: str, ending: str) -> bool:
        """Say whether the run wrote that file, so that its hash is held against it."""
        name = self.page(partner_id, ending).relative_to(self.folder).as_posix()
        return name in self._own[partner_id].get("files", {})

    def mark_of(self, partner_id: str) -> str:
        """Return a hash of the partner's report, so that one made anew is known from it."""
        files = sorted(self._own[partner_id].get("files", {}).items())
        return hashlib.sha256(json.dumps(files).encode()).hexdigest()

    def slice_of(self, partner_id: str) -> Slice:
        """Return what the partner's own edition was given."""
        return Slice.read(paths.slices(self.folder) / partner_id / EDITION)

    def name_of(self, partner_id: str, edition: str) -> str:
        """Return the partner's name, as that edition was given it."""
        return Slice.read(paths.slices(self.folder) / partner_id / edition).name

    def notebook_of(self, partner_id: str) -> NotebookNode:
        """Return the executed notebook of the partner's own edition."""
        notebook: NotebookNode = nbformat.read(self.page(partner_id, "ipynb"), as_version=4)
        return notebook

    def why_not(self, partner_id: str) -> str | None:
        """Return why nothing of a partner may be sent, or None where it may."""
        return next(self._faults(partner_id), None)

    def whys(self, partner_id: str) -> list[str]:
        """Return all that keeps a partner's report from being sent, or calls for a new run."""
        if partner_id not in self._own:
            return ["it shares nothing, so no report of its own is made"]
        return list(self._faults(partner_id))

    def _faults(self, partner_id: str) -> Iterator[str]:
        """Yield why a partner's report may not be sent: failed, out of date or partial."""
        report = self._own[partner_id]
        if report["state"] == "failed":
            problems = report.get("problems") or [{"found": "no reason was written down"}]
            yield f"its report failed: {problems[0]['found']}"
        elif report.get("stale") or report["state"] != "done" or not report.get("files"):
            yield f"its report is not up to date: {report.get('stale') or 'not made'}"
        yield from self._older(partner_id)
        for name, sha in report.get("files", {}).items():
            file = self.folder / name
            if not file.is_file() or sha256_of(file) != sha:
                yield f"its report is partial: {file.name} is not as the run wrote it"
        yield from self._within(partner_id)

    def _older(self, partner_id: str) -> Iterator[str]:
        """Yield what has changed since the report was made: of its partner's own past, or for all.

        What others did, and what came after the last day that counts, makes no report older.
        """
        if self.changes.of_all:
            yield f"its report is older than its data: {', '.join(self.changes.of_all)} changed"
        own = self.changes.of_partner.get(partner_id, ())
        if own:
            yield f"its report is older than its own data: {', '.join(map(str, own))}"

    def _within(self, partner_id: str) -> Iterator[str]:
        """Yield what is wrong with the contents of a report whose files are whole."""
        try:
            notebook = self.notebook_of(partner_id)
            require_finished(notebook)
            card = self.slice_of(partner_id)
        except (RunError, OSError, ValueError) as error:
            yield f"its report is partial: {str(error).splitlines()[0]}"
            return
        if LAST_PART not in about(notebook)["parts"]:
            yield "its report is partial: its last section is missing"
        if str(card.period) != self.record["period"]:
            yield f"its report is of {card.period}"
        if not card.known:
            yield "it has no figures"
        fault = fault_of_name(card.name[:_LONGEST_NAME])
        if fault:
            yield f"its name cannot stand in an e-mail: {fault}"


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()
