"""Where a company's data lie: a folder, a file, or a database's URL, which may hold a password.

So an address never prints itself. What people are shown is its name, made here and nowhere else:
the kind of the source and what it is called, without user, host, query or folders above it. What a
database's driver says of it is shown without what stands in the URL.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NewType
from urllib.parse import quote, quote_plus, unquote, unquote_plus

if TYPE_CHECKING:
    from pydantic import SecretStr

SourceName = NewType("SourceName", str)  # what pages, tables and messages call where data come from

KINDS = {
    "bigquery": "BigQuery", "clickhouse": "ClickHouse", "databricks": "Databricks",
    "duckdb": "DuckDB", "mariadb": "MariaDB", "mssql": "SQL Server", "mysql": "MySQL",
    "oracle": "Oracle", "postgres": "PostgreSQL", "postgresql": "PostgreSQL",
    "redshift": "Redshift", "snowflake": "Snowflake", "sqlite": "SQLite", "trino": "Trino",
}  # fmt: skip
IN_FILES = ("duckdb", "sqlite")
HARMLESS = frozenset(  # parts of a query that a message may name, so that people can mend them
    ("application_name", "charset", "connect_timeout", "database", "dbname", "driver", "encrypt",
     "host", "port", "server", "service_name", "sslmode", "timeout", "trustservercertificate")
)  # fmt: skip
HIDDEN = "***"
SHORTEST = 3  # characters of a part of a query that may be secret
COMMON = 5  # characters from which on a secret is not part of other words by chance
_URL = re.compile(
    r"(?:(?P<user>[^:/@]*)(?::(?P<password>[^@]*))?@)?"
    r"(?P<host>(?:\[[^\]@/?]*\]|[^@/?:\[]*)(?::\d*)?)(?:/(?P<database>[^@?]*))?(?:\?(?P<query>[^@]*))?"
)
_PLAIN_NAME = re.compile(r"[\w$][\w $-]{0,62}")
_PASSWORD_KEY = re.compile(r"passw|pwd|secret|token|credential|key$", re.IGNORECASE)
_CONNECTION = re.compile(r"[;=@]")  # in a folder's name hardly ever, in a connection string always


class Address:
    """Where data lie, as the settings or a command name it: rooted, and shown to nobody.

    It is no dataclass on purpose: what turns those into dictionaries would lay it open.
    """

    __slots__ = ("_raw",)

    def __init__(self, text: str) -> None:
        self._raw = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Address) and self._raw == other._raw

    def __hash__(self) -> int:
        return hash(self._raw)

    @classmethod
    def located(cls, text: str, folder: Path) -> Address:
        """Return the address of a folder or file relative to `folder`, or of a database."""
        scheme, mark, place = text.partition("://")
        if not mark:
            return cls(str(Path(folder, Path(text).expanduser()).resolve()))
        if _backend(scheme) in IN_FILES and place.startswith("/"):
            file, question, query = place[1:].partition("?")
            if file:  # three slashes and a relative path, or four and an absolute one
                rooted = Path(folder, file).resolve()
                return cls(f"{scheme}:///{rooted}{question}{query}")
        return cls(text)

    def __repr__(self) -> str:
        return f"<{self.name}>"

    __str__ = __repr__

    @property
    def is_url(self) -> bool:
        """Whether it is the URL of a database."""
        return "://" in self._raw

    @property
    def is_duckdb(self) -> bool:
        """Whether it is the URL of a DuckDB file."""
        return self.is_url and self._scheme == "duckdb"

    @property
    def path(self) -> Path | None:
        """The folder or file on this machine; None for a database on a server."""
        if not self.is_url:
            return Path(self._raw)
        place = self._rest
        if self._scheme not in IN_FILES or not place.startswith("/"):
            return None
        file = place[1:].partition("?")[0]
        return Path(file) if file else None

    @property
    def name(self) -> SourceName:
        """What the source is called in front of people: its kind and, where it is plain, its name.

        >>> Address("postgresql+psycopg2://ann:geheim@db.example/sales?sslmode=require").name
        'PostgreSQL database sales'
        >>> Address("/company/exports").name
        'folder exports'
        """
        kind = KINDS.get(self._scheme, "") if self.is_url else ""
        if self.path is not None:
            return SourceName(f"{kind} file {self.path.name}" if kind else self._local(self.path))
        found = _URL.fullmatch(self._rest)
        database = (found["database"] or "") if found else ""
        if not _PLAIN_NAME.fullmatch(database) or database in self._secrets():
            database = ""
        return SourceName(" ".join(word for word in (kind, "database", database) if word))

    @property
    def may_be_shown(self) -> bool:
        """Whether messages may repeat it: a path, and no connection string written as one."""
        return not self.is_url and not _CONNECTION.search(self._raw)

    @property
    def lacks_password(self) -> bool:
        """Whether it names a user of a database and no password, which may be kept elsewhere."""
        found = _URL.fullmatch(self._rest) if self.is_url else None
        return found is not None and bool(found["user"]) and not self.holds_secret

    @property
    def holds_secret(self) -> bool:
        """Whether a password stands in it, or what may be one."""
        if not self.is_url:
            return not self.may_be_shown
        found = _URL.fullmatch(self._rest)
        return found is None or bool(found["password"]) or any(_in_query(found["query"] or ""))

    def with_password(self, password: SecretStr) -> Address:
        """Return the address with a password in it, which it hides as it does its own."""
        scheme, mark, rest = self._raw.partition("://")
        user, at, place = rest.partition("@")
        written = quote(password.get_secret_value(), safe="")
        return Address(f"{scheme}{mark}{user.rstrip(':')}:{written}{at}{place}")

    def passwords(self) -> frozenset[str]:
        """Return the passwords in it, as written and as they are read: what no page may tell."""
        found = _URL.fullmatch(self._rest) if self.is_url else None
        if found is None:
            return frozenset()
        words = {found["password"] or "", *_passwords_in(found["query"] or "")}
        return frozenset({w for w in words if w} | {unquote_plus(w) for w in words if w})

    def raw_for_driver(self) -> str:
        """Return the raw address, password and all, for the driver that opens the source."""
        if self.holds_secret and self not in _OPENED:
            _OPENED.append(self)
        return self._raw

    def without_secrets(self, text: str) -> str:
        """Return what a driver said, without the URL and the parts of it that may be secret."""
        if not self.is_url:
            return text
        text = text.replace(self._raw, self.name)
        for secret in sorted(self._secrets(), key=len, reverse=True):
            # A short one may be part of any word, a long one stands for itself even within one.
            edge = r"\b" if len(secret) < COMMON and secret.isalnum() else ""
            text = re.sub(f"{edge}{re.escape(secret)}{edge}", HIDDEN, text)
        return text

    @property
    def _scheme(self) -> str:
        return _backend(self._raw.partition("://")[0])

    @property
    def _rest(self) -> str:
        return self._raw.partition("://")[2]

    def _local(self, path: Path) -> str:
        """Return the name of a file or folder, without the folders above it."""
        if not self.may_be_shown and not path.exists():
            return "what `data` names"  # a connection string that is no URL
        return f"{'file' if path.is_file() else 'folder'} {path.name}"

    def _secrets(self) -> frozenset[str]:
        """Return every part of the URL that nobody may be shown, as written and as it is read."""
        found = _URL.fullmatch(self._rest)
        if found is None:  # it can be read in more than one way, so all of it may be secret
            words = {w for w in re.split(r"[/:@?&=;]", self._rest) if len(w) >= SHORTEST}
            return frozenset(words | {unquote_plus(word) for word in words})
        own = [found["password"]] if found["password"] else [found["user"]]
        words = {word for word in own if word} | set(_in_query(found["query"] or ""))
        ways = (unquote, unquote_plus)
        plain = words | {way(word) for word in words for way in ways}
        written = {way(word, safe="") for word in plain for way in (quote, quote_plus)}
        return frozenset(plain | written)


def without_secrets(text: str) -> str:
    """Return a text, such as a traceback, without what is secret in any address opened so far."""
    for address in _OPENED:
        text = address.without_secrets(text)
    return text


_OPENED: list[Address] = []  # by this process: what a driver may repeat in an error of its own


def _backend(scheme: str) -> str:
    return scheme.partition("+")[0].lower()


def _passwords_in(query: str) -> Iterator[str]:
    """Yield the values of a query, and of a connection string in it, whose key says a password."""
    for part in query.split("&"):
        key, _, value = part.partition("=")
        inner = unquote_plus(value)
        if ";" in inner:
            yield from _passwords_in(inner.replace("&", "%26").replace(";", "&"))
        elif _PASSWORD_KEY.search(key):
            yield from (value, inner.strip("{}"))


def _in_query(query: str) -> Iterator[str]:
    """Yield the values of a query, and of a connection string in it, that are not harmless."""
    for part in query.split("&"):
        key, mark, value = part.partition("=")
        inner = unquote_plus(value)
        if ";" in inner:
            yield value
            yield from _in_query(inner.replace("&", "%26").replace(";", "&"))
        elif key.strip().lower() not in HARMLESS:
            bare = inner.strip("{}")
            yield from (word for word in (value, bare) if mark and len(word) >= SHORTEST)
            if not mark and len(key) >= SHORTEST:
                yield key
