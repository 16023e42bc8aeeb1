"""A small company whose reports are there already: made in this process, without kernels."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import polars as pl
from nbformat.v4 import new_code_cell, new_notebook, new_output

from kpi_lib.data.dataset import fingerprints_of, load_dataset
from kpi_lib.insights.editions import insights_of
from kpi_lib.insights.playbook import read_playbook
from kpi_lib.kpis.kpi_ends import facts_of
from kpi_lib.mail.outbox import Mailing, write_outbox
from kpi_lib.measure.comparisons import Compared
from kpi_lib.measure.compute import compute_asked
from kpi_lib.measure.slices import Beside, build_slices
from kpi_lib.pages.scorecard import Scorecard
from kpi_lib.publish.exporter import ScorecardExporter
from kpi_lib.settings import load_settings
from kpi_lib.show.common.slice import Slice
from kpi_lib.slices import file
from kpi_lib.slices.scorecard_types import ScorecardSlice
from tests import given
from tests.data.broken import write_good

PERIOD = "2011-Q3"
PARTS = ("heading", "verdict", "tiles", "table", "trends", "drivers", "peers", "actions",
         "follow_up", "went_well", "notes", "definitions", "made")  # fmt: skip
MAILED = ("heading", "verdict", "tiles", "trends", "actions")
SCALED = ("value", "numerator", "previous", "year_ago", "baseline", "target", "minimum")
PASSWORD = "correct horse battery"  # of the server that the tests run themselves


@dataclass
class Project:
    """A project with reports of one period; `folder` is the period's."""

    root: Path
    partners: Mapping[str, str]
    slices: dict[str, dict] = field(default_factory=dict)

    @property
    def folder(self) -> Path:
        return self.root / "reports" / PERIOD

    def settings(self, **mail):
        """Return the settings, with further lines under `mail`."""
        lines = [f"  {name}: {json.dumps(value)}" for name, value in mail.items()]
        text = "data: ../data\n" + ("mail:\n" + "\n".join(lines) + "\n" if lines else "")
        (self.root / "params" / "project.yml").write_text(text)
        return load_settings(self.root / "params" / "project.yml")

    def recipients(self, rows=None, attach="html", language="en"):
        """Write recipients.csv: the rows given, or one for each partner."""
        rows = rows or [
            f"{id_},contact.{number}@{host(id_)}.invalid,Contact {number},{language},{attach}"
            for number, id_ in enumerate(self.partners, 1)
        ]
        text = "\n".join(["partner_id,email,name,language,attach", *rows]) + "\n"
        (self.root / "params" / "recipients.csv").write_text(text, encoding="utf-8")

    def mailing(self, **mail):
        """Open the mailing."""
        settings = self.settings(**mail)
        return Mailing.open(settings, self.folder, self.root / "workspace")

    def outbox(self, **mail):
        """Write the outbox."""
        return write_outbox(self.mailing(**mail))

    def record(self, change) -> None:
        """Change what run.json says."""
        file = self.folder / "run.json"
        record = json.loads(file.read_text())
        change(record)
        file.write_text(json.dumps(record))


def raw_of(partner_id: str, name: str, number: int, edition: str = "partner") -> dict:
    """Return a slice with figures of this partner's own."""
    raw = copy.deepcopy(given.rich(edition))
    raw["partner"] = given.partner(partner_id, name, joined_on="2007-11-24")
    raw["insights"] = copy.deepcopy(given.rich(edition)["insights"])
    factor = 0.7310 + 0.0613 * number
    for row in raw["kpis"]:
        if raw["definitions"][row["kpi"]]["unit"] in ("money", "number"):
            scaled = {c: row[c] * factor for c in SCALED if row.get(c) is not None}
            row.update({c: _rounded(v, row["kpi"], raw) for c, v in scaled.items()})
            for point in raw["history"].get(row["kpi"], ()):
                if point["value"] is not None:
                    point["value"] = _rounded(point["value"] * factor, row["kpi"], raw)
            row["value"] = raw["history"][row["kpi"]][-1]["value"]
    return raw


def _rounded(value, kpi, raw):
    return round(value, 2) if raw["definitions"][kpi]["unit"] == "money" else float(round(value))


def executed(slice_: ScorecardSlice, parts=PARTS) -> nbformat.NotebookNode:
    """Return the notebook that a run would have executed on this slice."""
    card, notebook = Scorecard(Slice.of(slice_)), new_notebook()
    for part in parts:
        faces, metadata = getattr(card, part)()._repr_mimebundle_()
        output = new_output("execute_result", data=faces, metadata=metadata, execution_count=1)
        tags = {"tags": ["email"]} if part in MAILED else {}
        source = f"card.{part}()"
        cell = new_code_cell(source, execution_count=1, outputs=[output], metadata=tags)
        notebook.cells.append(cell)
    return notebook


def company(root: Path, partners: Mapping[str, str], change=lambda raw: raw) -> Project:
    """Write a project with the reports of these partners (id: name); `change` edits a slice."""
    write_good(root)
    project = Project(root, dict(partners))
    exporter, reports, rows = ScorecardExporter(), [], []
    for number, (partner_id, name) in enumerate(partners.items()):
        raw = change(raw_of(partner_id, name, number))
        project.slices[partner_id] = raw
        reports += _write_report(project.folder, raw, exporter)
        rows += [
            {k: row.get(k) for k in _columns(row)} | {"scope": "partner", "entity": partner_id}
            for row in raw["kpis"]
        ]
    pl.DataFrame(rows, infer_schema_length=None).write_parquet(project.folder / "kpis.parquet")
    prints = fingerprints_of(project.settings(), root / "workspace")
    table = hashlib.sha256((project.folder / "kpis.parquet").read_bytes()).hexdigest()
    record = {
        "period": PERIOD,
        "as_of": "2011-09-30",
        "inputs": prints,
        "tables": {"kpis.parquet": table},
        "reports": reports,
    }
    (project.folder / "run.json").write_text(json.dumps(record))
    project.recipients()
    return project


def _columns(row: dict) -> list[str]:
    return [name for name, value in row.items() if not isinstance(value, dict | list)]


def _write_report(folder: Path, raw: dict, exporter: ScorecardExporter) -> list[dict]:
    partner_id = raw["partner"]["partner_id"]
    for edition in ("partner", "internal"):
        given.write(raw | {"edition": edition}, folder / ".run" / "slices")
    files = _written_files(folder, given.content(raw), exporter)
    own = {"page": f"partners/{partner_id}/scorecard", "partner_id": partner_id}
    own |= {"edition": "partner", "state": "done", "stale": "", "files": files, "problems": []}
    return [own, own | {"edition": "internal", "files": {}}]


def _written_files(
    folder: Path, slice_: ScorecardSlice, exporter: ScorecardExporter
) -> dict[str, str]:
    """Write page and notebook of a partner; return the hash of each."""
    place = folder / "partners" / slice_.partner.partner_id
    place.mkdir(parents=True)
    notebook = executed(slice_)
    page, _ = exporter.from_notebook_node(copy.deepcopy(notebook))
    (place / "scorecard.html").write_text(page, encoding="utf-8")
    nbformat.write(notebook, place / "scorecard.ipynb")
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(place.iterdir())
    }


def host(partner_id: str) -> str:
    """Return a partner's id as the name of a host."""
    return partner_id.lower().replace("_", "-").replace(".", "-")


def computed(root: Path, data: Path, period: str, every: int = 1) -> Path:
    """Write the reports of real figures: all partners of a folder of data, without kernels.

    `every`: of how many partners one has a report and a recipient; the figures are of all.
    """
    (root / "params").mkdir(parents=True)
    (root / "params" / "project.yml").write_text(f"data: {data}\n")
    settings = load_settings(root / "params" / "project.yml")
    workspace = root / "workspace"
    dataset = load_dataset(settings, workspace=workspace, kpis=facts_of(settings))
    results = compute_asked(settings, dataset, period)
    insights = insights_of(results, settings, read_playbook(settings), root / "reports")
    folder = root / "reports" / period
    folder.mkdir(parents=True)
    results.table.write_parquet(folder / "kpis.parquet")
    exporter, reports, rows, partners = ScorecardExporter(), [], [], 0
    beside = Beside(Compared.with_nothing(), insights)
    for slice_ in build_slices(results, dataset, settings, beside=beside):
        id_, edition = slice_.partner.partner_id, slice_.edition
        file.write(slice_, folder / ".run" / "slices" / id_ / edition)
        own = {"page": "", "partner_id": id_, "edition": edition, "state": "done", "stale": ""}
        files = {}
        partners += edition == "partner"
        if edition == "partner" and partners % every == 0:
            files = _written_files(folder, slice_, exporter)
            rows.append(
                f"{id_},contact@{host(id_)}.invalid,,{'de' if len(rows) % 3 else 'en'},html"
            )
        reports.append(own | {"files": files, "problems": []})
    table = hashlib.sha256((folder / "kpis.parquet").read_bytes()).hexdigest()
    record = {"period": period, "inputs": dict(dataset.fingerprints), "reports": reports}
    record["tables"] = {"kpis.parquet": table}
    (folder / "run.json").write_text(json.dumps(record))
    text = "\n".join(["partner_id,email,name,language,attach", *rows]) + "\n"
    (root / "params" / "recipients.csv").write_text(text)
    return folder
