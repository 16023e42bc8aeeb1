"""What a company decides: `params/project.yml`, read once, with every fault named at its line."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, PrivateAttr

from kpi_lib import paths
from kpi_lib.address import Address, SourceName
from kpi_lib.branding import Company
from kpi_lib.regular import is_there
from kpi_lib.yaml_file import Model, YamlFile, check_yaml, read_yaml

Family = Literal[
    "revenue",
    "cost",
    "funnel",
    "customer",
    "service",
    "credit",
    "relationship",
    "market",
    "capability",
    "compliance",
    "innovation",
    "goals",
]
FAMILIES: tuple[str, ...] = get_args(Family)
Month = Literal["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
Unit = Literal["ratio", "money", "days", "number", "points", "years"]
Better = Literal["higher", "lower", "neither"]
Share = Annotated[float, Field(ge=0, le=1)]
HttpsUrl = Annotated[str, Field(pattern=r"^https://[!-+\--;=?-~]+$", max_length=500)]  # ASCII
Names = Annotated[tuple[str, ...], Field(strict=False)]  # YAML has lists, not tuples

ALL_TABLES = "*"  # in place of a table's name

EXAMPLE_CURRENCY, USUAL_CURRENCY = "GBP", "EUR"


class ModelSettings(Model):
    """How the models look ahead."""

    annual_discount_rate: Annotated[float, Field(ge=0, lt=1)] = 0.10
    churn_horizon_days: Annotated[int, Field(ge=1, le=3_660)] = 90
    alert_threshold: Share = 0.5


def _whole_file(path: Path | None) -> Path | None:
    """Return the path; what is there under that name and is no file is waited on without end."""
    if path is not None and path.exists() and not path.is_file():
        raise ValueError(f"{path.name} is not a file")
    return path


class MailServer(Model):
    """The server that takes the e-mails. Its password is in no file: see kpi_lib/mail/password.py.

    `ca_file`: the certificate authority of a company's own server. `plain` is for loopback only.
    `timeout_seconds`: of each step of the conversation; `message_seconds`: of all before the end
    of a message. Both are wall time.
    """

    host: str
    port: Annotated[int | None, Field(ge=1, le=65535)] = None
    security: Literal["starttls", "implicit", "plain"] = "starttls"
    username: str | None = None
    ca_file: Annotated[Path | None, Field(strict=False), AfterValidator(_whole_file)] = None
    timeout_seconds: Annotated[int, Field(ge=1, le=3_600)] = 60
    message_seconds: Annotated[int, Field(ge=1, le=86_400)] = 600


class MailSettings(Model):
    """How scorecards are e-mailed. `domains`: those allowed of each partner_id, or of `all`.

    `ledger_copy`: a second place, best on another disk, that knows all that the ledger knows.
    """

    sender: str | None = None
    sender_name: str | None = None
    reply_to: str | None = None
    managers: dict[str, str] = Field(default_factory=dict)  # the account manager's name: address
    unsubscribe: str | None = None
    unsubscribe_url: HttpsUrl | None = None
    domains: dict[str, Names] = Field(default_factory=dict)
    shared: Names = ()  # addresses that may stand with several partners
    per_minute: Annotated[int, Field(ge=1, le=100_000)] = 60
    tries: Annotated[int, Field(ge=1, le=100)] = 5
    ledger_copy: Annotated[Path | None, Field(strict=False)] = None
    server: MailServer | None = None


def _usual_currency(so_far: dict[str, Any]) -> str:
    return EXAMPLE_CURRENCY if _is_example(so_far.get("data")) else USUAL_CURRENCY


def _is_example(data: Address | None) -> bool:
    return data is None or data.path == paths.example_data()


def _address(value: object) -> Address:
    """Return an address; the message of what is none does not repeat it."""
    if isinstance(value, Address):
        return value
    if isinstance(value, str):
        return Address(value)
    raise ValueError("it should be text: a folder, a file, or the URL of a database")


def _public_name(value: str | None) -> SourceName | None:
    """Return the name of a source as pages show it; an address is none."""
    if value is not None and "://" in value:
        raise ValueError("it should be a name that partners may read, not an address")
    return None if value is None else SourceName(value)


def _days_by_table(days: Any) -> Any:
    return days if isinstance(days, dict) else {ALL_TABLES: days}


def _day(value: Any) -> Any:
    """Return a day that YAML took for one, or that stands there as text."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"{value!r} is not a day; write it as 2026-01-05") from None


class Settings(Model):
    """The settings of a project. `data`: a folder, a database file, a URL, or None: the example.

    `covered_from`: by table, or of all of them, the day from which its rows are complete.
    `source`: what pages call where the data come from; None: the kind of the source and its name.
    """

    data: Annotated[Address | None, PlainValidator(_address)] = None
    source: Annotated[
        SourceName | None, Field(min_length=1, max_length=80), AfterValidator(_public_name)
    ] = None
    mapping: Annotated[Path | None, Field(strict=False)] = None
    reporting_currency: str = Field(pattern=r"^[A-Z]{3}$", default_factory=_usual_currency)
    year_end: Month = "DEC"
    covered_from: Annotated[
        dict[str, Annotated[date, BeforeValidator(_day)]], BeforeValidator(_days_by_table)
    ] = Field(default_factory=dict)
    maturity_days: Annotated[int, Field(ge=1, le=3_660)] = 90
    half_life_days: Annotated[int, Field(ge=1, le=36_600)] = 30
    clv_horizon_months: Annotated[int, Field(ge=1, le=600)] = 36
    weights: dict[Family, Annotated[float, Field(ge=0, le=1e6)]] = Field(default_factory=dict)
    profiles: dict[str, Names] = Field(default_factory=dict)
    packs: dict[str, Annotated[tuple[Unit, Better], Field(strict=False)]] = Field(
        default_factory=dict
    )
    tolerances: dict[str, Annotated[float, Field(ge=0, le=1e6)]] = Field(default_factory=dict)
    models: ModelSettings = ModelSettings()
    company: Company = Company()
    languages: Annotated[tuple[str, ...], Field(strict=False, min_length=1)] = ("en",)
    mail: MailSettings = MailSettings()

    _file: YamlFile | None = PrivateAttr(default=None)

    @property
    def language(self) -> str:
        """The company's own language: the first of those that pages are made in."""
        return self.languages[0]

    @property
    def is_example(self) -> bool:
        """Whether the data are the shipped example."""
        return _is_example(self.data)

    @property
    def file(self) -> Path:
        """The settings file; it need not exist."""
        return self._file.path if self._file else paths.project() / paths.SETTINGS

    @property
    def folder(self) -> Path:
        """The folder of the settings file, in which targets.csv and the others stand too."""
        return self.file.parent

    @property
    def file_holds_secret(self) -> bool:
        """Whether a password stands in the settings file, in the address of the data."""
        data = self._file.content.get("data") if self._file else None
        return isinstance(data, str) and Address(data).holds_secret

    def line_of(self, key: str) -> str:
        """Return file and line of a key such as `profiles.reseller.2`, for who finds it wrong."""
        return self._file.where(key) if self._file else paths.shown(self.file)

    def with_data(self, data: str | None) -> Settings:
        """Return the settings for other data, named from where the caller stands."""
        if data is None:
            return self
        # The name of a source is that of the settings' own data.
        given = {name: getattr(self, name) for name in self.model_fields_set - {"source"}}
        changed = Settings.model_validate(given | {"data": Address.located(data, Path.cwd())})
        changed._file = self._file
        return changed


def load_settings(file: Path | None = None, *, data: str | None = None) -> Settings:
    """Return the settings of a file, the project's own by default, which need not exist.

    `data` takes the place of the file's; it is what `--data` of a command names.
    """
    path = file or paths.project() / paths.SETTINGS
    if file is None and not is_there(path):
        return Settings().with_data(data)
    read = read_yaml(path.absolute())
    settings = check_yaml(Settings, read, _resolved(read))
    settings._file = read
    return settings.with_data(data)


def _resolved(file: YamlFile) -> dict[str, Any]:
    """Return the content with paths that do not depend on where the command was called."""
    content, folder = dict(file.content), file.path.parent
    if isinstance(content.get("data"), str):
        content["data"] = Address.located(content["data"], folder)
    if isinstance(content.get("mapping"), str):
        content["mapping"] = _mapping_file(content["mapping"], folder)
    company = content.get("company")
    if isinstance(company, dict) and isinstance(company.get("logo"), str):
        content["company"] = company | {"logo": folder / company["logo"]}
    if isinstance(content.get("mail"), dict):
        content["mail"] = _mail_resolved(content["mail"], folder)
    return {name: value for name, value in content.items() if value is not None}


def _mail_resolved(mail: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return the settings of mail, with its files as paths from the settings' folder."""
    found = dict(mail)
    if isinstance(mail.get("ledger_copy"), str):
        found["ledger_copy"] = folder / mail["ledger_copy"]
    server = mail.get("server")
    if isinstance(server, dict) and server.get("ca_file"):
        found["server"] = server | {"ca_file": folder / server["ca_file"]}
    return found


def _mapping_file(name: str, folder: Path) -> Path:
    """Return the file of a mapping: relative to the settings, or by its name in mappings/."""
    short = folder / "mappings" / name
    for candidate in (folder / name, short, short.with_name(f"{short.name}.yml")):
        if candidate.exists() and not candidate.is_dir():  # what is no file is named in the error
            return candidate
    return folder / name
