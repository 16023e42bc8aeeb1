"""What commands read: files that end, and settings that a person could have written."""

from __future__ import annotations

import os
import time
from itertools import pairwise

import pytest

from kpi_lib.secret import OF_DATA

NOTHING_DONE, CANARY = 2, "Canary-Word-9"
SECOND = 1.0  # of CPU, by which a command has said what is wrong with its settings
MAPPING = "data: ../data\nmapping: shop\n"


def laughs() -> str:
    """Return settings of a kilobyte that are a billion values once aliases are written out."""
    levels = "abcdefghij"
    lines = [f"{name}: &{name} [{', '.join([f'*{one}'] * 9)}]" for one, name in pairwise(levels)]
    return "\n".join(["a: &a [ha, ha, ha, ha, ha, ha, ha, ha, ha]", *lines])


@pytest.mark.parametrize(
    ("file", "settings"),
    [
        ("params/project.yml", None),
        ("params/mappings/shop.yml", MAPPING),
        ("params/playbook.yml", "data: ../data\n"),
        ("params/targets.csv", "data: ../data\n"),
        ("params/recipients.csv", "data: ../data\n"),
        ("params/notes/P1/2024-Q2.md", "data: ../data\n"),
        ("data/orders.csv", "data: ../data\n"),
        ("data/invoices.parquet", "data: ../data\n"),
        ("data/invoices/1.parquet", "data: ../data\n"),
        ("shop.db", "data: ../shop.db\n"),
        ("shop.db", "data: sqlite:///../shop.db\n"),
        ("shop.db", "data: duckdb:///../shop.db\n"),
    ],
)
def test_a_pipe_where_a_file_should_be_is_reported_and_not_waited_on(kpi, project, file, settings):
    place = project / file
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    if settings is not None:
        (project / "params" / "project.yml").write_text(settings, encoding="utf-8")
    os.mkfifo(place)
    said = kpi("run", "--params", "params/project.yml", "--period", "2024-Q2")
    assert (said.status, said.out) == (NOTHING_DONE, "")
    assert place.name in said.err and "it is a pipe, not a file" in said.err
    assert not (project / "reports").exists()


def test_a_pipe_is_no_certificate(kpi, project):
    os.mkfifo(project / "params" / "ca.pem")
    server = "mail: {server: {host: mail.invalid, ca_file: ca.pem}}"
    (project / "params" / "project.yml").write_text(server, encoding="utf-8")
    assert "mail.server.ca_file: ca.pem is not a file" in kpi("check").err


def test_a_device_is_no_table(kpi, project):
    orders = project / "data" / "orders.csv"
    orders.unlink()
    orders.symlink_to("/dev/zero")
    said = kpi("check")
    assert "orders.csv: cannot be read (it is a device, not a file)" in said.err


def test_addresses_that_want_no_mail_are_not_passed_over_where_they_cannot_be_read(project):
    from kpi_lib.errors import SettingsError
    from kpi_lib.mail.recipients import OPTED_OUT, Partners, read_recipients
    from kpi_lib.settings import load_settings

    params = project / "params"
    (params / "recipients.csv").write_text("partner_id,email,name,language,attach\n")
    (params / OPTED_OUT).mkdir()
    settings = load_settings(params / "project.yml")
    with pytest.raises(SettingsError, match=OPTED_OUT):
        read_recipients(settings, Partners(frozenset({"P1"}), frozenset(), frozenset()))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param(laughs(), "more than 50,000 names and values", id="a billion laughs"),
        pytest.param("weights: " + "[" * 5000, "more than 40 levels", id="5,000 brackets"),
        pytest.param("#" * 100_000_000, "more than 250,000 bytes", id="100 MB"),
        pytest.param("half_life_days: " + "9" * 5000, "cannot be read", id="5,000 digits"),
        pytest.param("half_life_days: " + "9" * 400, "many digits", id="400 digits"),
        pytest.param("half_life_days: 99999", "less than or equal to", id="274 years"),
        pytest.param("weights: {revenue: .inf}", "a finite number", id="a number without end"),
        pytest.param("a: &a [*a]", "contains itself", id="a list within itself"),
    ],
)
def test_settings_that_nobody_would_write_are_refused_within_a_second(kpi, project, text, found):
    (project / "params" / "project.yml").write_text(text, encoding="utf-8")
    before = time.process_time()
    said = kpi("check")
    assert time.process_time() - before < SECOND
    assert (said.status, said.out) == (NOTHING_DONE, "")
    assert "params/project.yml" in said.err and found in said.err
    assert len(said.err) < 1000


def test_a_mapping_nested_without_end_is_refused_as_settings_are(kpi, project):
    (project / "params" / "project.yml").write_text(MAPPING, encoding="utf-8")
    (project / "params" / "mappings").mkdir()
    (project / "params" / "mappings" / "shop.yml").write_text("files: " + "{a: " * 5000)
    said = kpi("check")
    assert said.status == NOTHING_DONE and "shop.yml line 1" in said.err


def test_a_database_that_is_not_there_is_not_made(kpi, project):
    said = kpi("check", "--data", "sqlite:///new.db")
    assert said.err.startswith("SQLite file new.db: there is no such file")
    assert not (project / "new.db").exists()


def test_a_settings_file_that_holds_a_password_is_to_be_read_by_its_owner_alone(kpi, project):
    file = project / "params" / "project.yml"
    file.write_text(f"data: postgresql+none://ann:{CANARY}@db.invalid/sales\n", encoding="utf-8")
    file.chmod(0o644)
    said = kpi("check")
    assert "params/project.yml: others may read the password in it; chmod 600" in said.err
    file.chmod(0o600)
    again = kpi("check")
    assert "others may read" not in again.err
    assert CANARY not in said.err + said.out + again.err + again.out


def test_a_password_on_the_command_line_stands_in_the_list_of_processes(kpi, project):
    said = kpi("check", "--data", f"postgresql+none://ann:{CANARY}@db.invalid/sales")
    assert "the list of this machine's processes" in said.err and OF_DATA in said.err
    assert CANARY not in said.err + said.out
    assert "warning" not in kpi("check", "--data", "data").err
