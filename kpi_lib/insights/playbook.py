"""The playbook: which shortfall of which KPI calls for which action, in the company's own words.

It stands in `playbook.yml` beside the settings; docs/playbook.md says how to write a rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kpi_lib.errors import Problem, SettingsError
from kpi_lib.insights.playbook_faults import faults_of
from kpi_lib.insights.playbook_rules import Playbook
from kpi_lib.kpis.catalogue import catalogue_of
from kpi_lib.regular import is_there
from kpi_lib.settings import Settings
from kpi_lib.yaml_file import YamlFile, check_yaml, in_order, read_yaml

FILE = "playbook.yml"


def read_playbook(settings: Settings) -> Playbook | None:
    """Return the playbook beside the settings, None where there is none.

    Raises SettingsError with all its faults, each with its line.
    """
    path = settings.folder / FILE
    if not is_there(path):
        return None
    file = read_yaml(path)
    book, problems = _read(file)
    roles = file.content.get("owners")
    known = frozenset(roles if isinstance(roles, dict) else ())
    for fault in faults_of(book, catalogue_of(settings), known, settings.languages):
        found = f"{fault.key}: {fault.found}"
        problems.append(Problem(file.where(fault.key), found, fault.todo))
    if problems:
        raise SettingsError(in_order(dict.fromkeys(problems)))
    return book


def _read(file: YamlFile) -> tuple[Playbook, list[Problem]]:
    """Return what has the form of a playbook, and what is wrong with the rest.

    Rule by rule, so that a slip in one does not hide what is wrong with another.
    """
    content = dict(file.content)
    rules = content.pop("rules", {})
    if not isinstance(rules, dict):
        content, rules = dict(file.content), {}
    parts = [content, *({"rules": {name: rule}} for name, rule in rules.items())]
    read = [_checked_part(file, part) for part in parts]
    whole = Playbook(
        owners={role: words for book, _ in read for role, words in book.owners.items()},
        rules={name: rule for book, _ in read for name, rule in book.rules.items()},
    )
    return whole, [problem for _, problems in read for problem in problems]


def _checked_part(file: YamlFile, content: Mapping[str, Any]) -> tuple[Playbook, list[Problem]]:
    """Return a part of a playbook, or an empty one with all that is wrong in it."""
    try:
        return check_yaml(Playbook, file, content), []
    except SettingsError as error:
        return Playbook(), list(error.problems)
