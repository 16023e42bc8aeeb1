"""Passwords come from the environment, a file that only its owner reads, or the keyring."""

from __future__ import annotations

import os
import sys
from types import ModuleType

import pytest

from kpi_lib import address as address_module
from kpi_lib.address import Address
from kpi_lib.data.database import Database
from kpi_lib.errors import SettingsError, SourceError
from kpi_lib.mail.password import password_of
from kpi_lib.secret import OF_DATA, secret_of
from kpi_lib.settings import MailServer

CANARY, VARIABLE = "Canary-Word-9", "KPI_TEST_PASSWORD"


@pytest.fixture
def file(tmp_path, monkeypatch):
    """A file with a password in it, that only its owner reads, named by the environment."""
    place = tmp_path / "password"
    place.write_text(f"{CANARY}\n", encoding="utf-8")
    place.chmod(0o600)
    monkeypatch.setenv(f"{VARIABLE}_FILE", str(place))
    return place


def found_secret() -> str | None:
    found = secret_of(VARIABLE, "service", "ann")
    return None if found is None else found.get_secret_value()


def fault() -> str:
    with pytest.raises(SettingsError) as error:
        found_secret()
    assert CANARY not in str(error.value)
    return str(error.value)


def test_the_environment_comes_before_the_file(file, monkeypatch):
    assert found_secret() == CANARY
    monkeypatch.setenv(VARIABLE, "another")
    assert found_secret() == "another"


def test_nobody_sees_a_password_by_printing_what_holds_it(file):
    found = secret_of(VARIABLE, "service", "ann")
    assert CANARY not in f"{found} {found!r} {[found]}"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_file_that_others_may_read_keeps_no_secret(file, mode):
    file.chmod(mode)
    assert "others on this machine may read it" in fault() and "chmod 600" in fault()


@pytest.mark.parametrize(
    ("content", "found"),
    [(b"", "is empty"), (b"\n", "is empty"), (b"\xff\xfe", "is not UTF-8")],
)
def test_a_file_without_a_password_is_reported(file, content, found):
    file.write_bytes(content)
    assert found in fault()


def test_a_file_that_is_none_is_reported(file):
    file.unlink()
    assert "cannot be read (No such file or directory)" in fault()
    os.mkfifo(file)
    assert "cannot be read (it is a pipe, not a file)" in fault()


def test_the_keyring_is_asked_last(monkeypatch):
    keyring, errors = ModuleType("keyring"), ModuleType("keyring.errors")
    errors.KeyringError = LookupError
    kept = {("service", "ann"): CANARY}
    keyring.get_password = lambda service, user: kept.get((service, user))
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    assert found_secret() == CANARY
    assert secret_of(VARIABLE, "service", "bob") is None

    def locked(service, user):
        raise LookupError

    keyring.get_password = locked
    assert found_secret() is None


def test_the_mail_server_takes_it_from_the_file_too(tmp_path, monkeypatch, file):
    monkeypatch.setenv("KPI_MAIL_PASSWORD_FILE", str(file))
    found = password_of(MailServer(host="mail.invalid", username="ann"))
    assert found is not None and found.get_secret_value() == CANARY


def test_a_database_gets_the_password_that_its_url_does_not_have(monkeypatch):
    monkeypatch.setenv(OF_DATA, CANARY)
    with pytest.raises(SourceError) as error:
        Database(Address("postgresql+none://ann@db.invalid/sales"))
    assert CANARY not in str(error.value)
    whole = Address(f"postgresql+none://ann:{CANARY}@db.invalid/sales")
    assert whole in address_module._OPENED
