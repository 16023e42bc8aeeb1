"""What a run keeps of its inputs, and how data that changed since are held against it."""

from __future__ import annotations

import json

import pytest

from kpi_lib.batch.input_hashes import FOLDER, changes_since, keep_inputs
from kpi_lib.measure.row_hashes import Changes
from kpi_lib.run import Run, RunRequest
from kpi_lib.settings import load_settings
from tests.data.broken import write_good

PERIOD = "2024-Q2"


@pytest.fixture
def kept(tmp_path):
    """A project after a run, as far as its inputs go: its folder, settings and period's folder."""
    write_good(tmp_path)
    settings, folder = load_settings(tmp_path / "params" / "project.yml"), tmp_path / PERIOD
    run = Run(settings, tmp_path / "workspace", RunRequest(PERIOD))
    keep_inputs(run, folder)
    record = {"period": PERIOD, "as_of": "2024-06-30", "inputs": dict(run.dataset.fingerprints)}
    (folder / "run.json").write_text(json.dumps(record))
    return tmp_path, settings, folder


def since(kept) -> Changes:
    root, settings, folder = kept
    return changes_since(folder, settings, root / "workspace")


def append(root, line: str) -> None:
    orders = root / "data" / "orders.csv"
    orders.write_text(orders.read_text(encoding="utf-8") + line, encoding="utf-8")


def test_the_same_data_have_not_changed(kept):
    assert since(kept) == Changes()


def test_a_late_entry_is_reported_of_its_partner_and_a_later_one_of_nobody(kept):
    append(kept[0], "8,,P2,2024-07-01,31\n")
    assert since(kept) == Changes()
    append(kept[0], "9,,P2,2024-05-03,31\n")
    changes = since(kept)
    assert {who: [str(c) for c in of] for who, of in changes.of_partner.items()} == {
        "P2": ["orders (1 row new)"]
    }


def test_a_broken_row_of_somebody_else_holds_nobody_back(kept):
    append(kept[0], "9,,P2,no day,31\n")
    assert since(kept) == Changes()


def test_what_was_kept_and_is_damaged_or_gone_is_no_reason_to_send(kept):
    append(kept[0], "8,,P2,2024-07-01,31\n")
    file = kept[2] / FOLDER / "orders.parquet"
    file.write_bytes(file.read_bytes()[:-20])
    assert since(kept) == Changes(("orders",))
    (kept[2] / FOLDER / "common.json").unlink()
    assert since(kept) == Changes(("orders",))
