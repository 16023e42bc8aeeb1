"""Slices of pages whose content has no types of its own: a mapping as the file has it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from kpi_lib.slices.file import FILE, content_of
from kpi_lib.slices.json_form import build, deep_plain, plain
from kpi_lib.slices.page import Made, PageContent, RunFacts

KIND, VERSION = "page", 2


def write_untyped(content: Mapping[str, Any], folder: Path) -> None:
    """Write a mapping as the only file of its folder."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = {"kind": KIND, "version": VERSION, "content": content}
    text = json.dumps(
        whole, default=plain, ensure_ascii=False, allow_nan=False, sort_keys=True, indent=1
    )
    (folder / FILE).write_text(text, encoding="utf-8")


def read_untyped(folder: Path) -> dict[str, Any]:
    """Return the mapping that lies in `folder`; raise RunError as `slices.file.read` does."""
    return dict(content_of(KIND, VERSION, folder))


def untyped_run(run: RunFacts, language: str) -> dict[str, Any]:
    """Return the facts of a run as such a mapping begins with them."""
    described = deep_plain(run)
    assert isinstance(described, dict)
    return described | {"language": language}


def page_content(raw: Mapping[str, Any]) -> PageContent:
    """Return what such a mapping says of its run, language and maker."""
    names = {field.name for field in fields(RunFacts)}
    run = build(RunFacts, {name: raw[name] for name in names & raw.keys()})
    made = {name: raw["made"][name] for name in ("version", "kpis") if name in raw.get("made", {})}
    return PageContent(run=run, language=raw.get("language") or "en", made=build(Made, made))
