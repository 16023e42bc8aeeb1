"""An address of data: people see its name, and of a password nothing at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest
from pydantic import SecretStr

from kpi_lib.address import Address
from kpi_lib.errors import SettingsError
from kpi_lib.settings import Settings, load_settings
from tests.planted import PLANTED, SECRETS


@pytest.mark.parametrize("address", PLANTED.values(), ids=PLANTED)
def test_no_password_is_shown_by_an_address_or_by_what_holds_it(address):
    place, settings = Address(address), Settings(data=address)
    texts = [place.name, str(place), repr(place), f"{place}", f"{place!r}", repr(settings)]
    texts += [str(settings.model_dump()), str([place]), f"{settings}"]
    assert [secret for secret in SECRETS if any(secret in text for text in texts)] == []


@pytest.mark.parametrize("address", [a for a in PLANTED.values() if "://" in a])
def test_what_a_driver_says_is_reported_without_the_password(address):
    message = f"cannot connect with {address!r}, {unquote(address)}: that is wrong"
    own = [secret for secret in SECRETS if secret in message]
    said = Address(address).without_secrets(f"{message}: {' '.join(own)} is wrong")
    assert own
    assert [secret for secret in own if secret in said] == []
    assert said.startswith("cannot connect with") and said.endswith("is wrong")


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("postgresql+psycopg2://ann:geheim@db.example:5432/sales", "PostgreSQL database sales"),
        ("postgresql://ann@[::1]:5432/sales?sslmode=require", "PostgreSQL database sales"),
        ("mssql+pyodbc:///?odbc_connect=Server%3Dx%3BPWD%3Dgeheim", "SQL Server database"),
        ("mysql://ann:a@b@db.example/sales", "MySQL database"),
        ("postgresql://ann:geheim@db.example/geheim", "PostgreSQL database"),
        ("snowflake://ann:geheim@account/sales/public", "Snowflake database"),
        ("unheard+of://ann:geheim@db.example/sales", "database sales"),
        ("sqlite:////company/shop.db?password=geheim", "SQLite file shop.db"),
        ("sqlite://", "SQLite database"),
        ("duckdb:////company/shop.duckdb", "DuckDB file shop.duckdb"),
        ("/company/exports", "folder exports"),
        ("/company/Server=db.example;PWD=geheim", "what `data` names"),
    ],
)
def test_the_name_is_the_kind_and_what_it_is_called(address, name):
    assert Address(address).name == name


def test_a_password_that_is_kept_elsewhere_is_hidden_as_one_of_the_url():
    address = Address("postgresql+psycopg://ann@db.example/sales?sslmode=require")
    assert address.lacks_password and not address.holds_secret
    whole = address.with_password(SecretStr("a/b:c@d"))
    assert whole.raw_for_driver() == (
        "postgresql+psycopg://ann:a%2Fb%3Ac%40d@db.example/sales?sslmode=require"
    )
    assert whole.holds_secret and not whole.lacks_password
    assert whole.without_secrets("no a/b:c@d for ann") == "no *** for ann"
    assert not Address("postgresql://db.example/sales").lacks_password
    assert not Address("/company/exports").lacks_password


def test_an_error_that_nobody_foresaw_keeps_its_traceback_and_not_the_password():
    url = PLANTED["password twice"]
    call = f"""
from kpi_lib import cli
from kpi_lib.address import Address

def run():
    url = Address({url!r}).raw_for_driver()
    raise RuntimeError("cannot use " + url)

cli.main = run
cli.script()
"""
    done = subprocess.run([sys.executable, "-c", call], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "Traceback" in done.stderr
    assert "RuntimeError: cannot use PostgreSQL database sales" in done.stderr
    assert not [secret for secret in SECRETS if secret in done.stderr]


def test_what_people_need_to_mend_a_connection_stays_readable():
    address = Address("postgresql://ann:geheim@db.example/sales?sslmode=require&token=abcdef")
    message = 'could not translate host name "db.example" for user "ann", sslmode require'
    assert address.without_secrets(message) == message


def test_a_path_is_shown_where_something_is_missing_and_a_connection_string_is_not():
    assert Address("/company/exports").may_be_shown
    assert not Address("/company/ann:geheim@db.example").may_be_shown


def test_addresses_are_rooted_where_they_are_named(tmp_path):
    assert Address.located("../data", tmp_path / "params").path == tmp_path / "data"
    by_url = Address.located("sqlite:///shop.db?mode=ro", tmp_path)
    assert by_url == Address(f"sqlite:///{tmp_path}/shop.db?mode=ro")
    assert by_url.path == tmp_path / "shop.db"
    on_a_server = Address.located("postgresql://db.example/sales", tmp_path)
    assert (on_a_server.path, on_a_server.raw_for_driver()) == (
        None,
        "postgresql://db.example/sales",
    )
    assert Address("sqlite://").path is None
    assert Address("duckdb:///shop.duckdb").is_duckdb


def settings_of(folder: Path, text: str) -> Settings:
    (folder / "project.yml").write_text(text, encoding="utf-8")
    return load_settings(folder / "project.yml")


def test_a_company_gives_its_source_a_name_for_its_own_data_only(tmp_path):
    settings = settings_of(tmp_path, "data: ../data\nsource: Sales ledger\n")
    assert settings.source == "Sales ledger"
    assert settings.with_data(str(tmp_path / "others")).source is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("source: postgresql://ann:geheim@db.example/sales", "project.yml line 1: source"),
        ("source: ''", "project.yml line 1: source"),
        ("data: {url: 'postgresql://ann:geheim@db.example/sales'}", "it should be text"),
        ("data: ['postgresql://ann:geheim@db.example/sales']", "it should be text"),
    ],
)
def test_a_fault_in_the_settings_is_reported_without_what_they_say(tmp_path, text, said):
    with pytest.raises(SettingsError) as error:
        settings_of(tmp_path, text)
    assert said in str(error.value)
    assert "geheim" not in str(error.value)
