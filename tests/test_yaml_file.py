from __future__ import annotations

from pathlib import Path

import pytest

from kpi_lib.errors import SettingsError
from kpi_lib.yaml_file import read_yaml


def said(folder: Path, text: str) -> list[str]:
    file = folder / "project.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as error:
        read_yaml(file)
    return [f"{p.where}: {p.found} {p.todo}".strip() for p in error.value.problems]


def test_a_file_of_comments_says_nothing(tmp_path):
    file = tmp_path / "project.yml"
    file.write_bytes(b"\xef\xbb\xbf# data: x\n")
    assert read_yaml(file).content == {}


def test_every_key_and_item_knows_its_line(tmp_path):
    file = tmp_path / "project.yml"
    file.write_text("a:\n  b:\n    - x\n    - y\n")
    read = read_yaml(file)
    assert read.lines == {"a": 1, "a.b": 2, "a.b.0": 3, "a.b.1": 4}
    assert read.where("a.b.7").endswith("project.yml line 2")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a:\n\tb: 1\n\tc: 2\n", ["line 2: a tab", "line 3: a tab"], id="tabs"),
        pytest.param("a:\tb: 1", ["line 1: is not YAML: a tab"], id="a tab between"),
        pytest.param("a: [1, 2", ["line 1: is not YAML: expected"], id="an open bracket"),
        pytest.param("a: \x07", ["is not YAML: a character"], id="a bell"),
        pytest.param('a: "b\\0c"', ["line 1: 'b\\x00c' has a character that no text"], id="a zero"),
        pytest.param('a: "\\ud800"', ["has a character that no text has"], id="half a character"),
        pytest.param('a: "\\e[31m"', ["has a character that no text has"], id="a colour"),
        pytest.param('"a\\0": b', ["line 1: a name must be a plain word"], id="a zero in a name"),
        pytest.param("data: a\ndata: b", ["line 2: data stands twice"], id="a key twice"),
        pytest.param("models: &m {x: *m}", ["line 1: contains itself"], id="within itself"),
        pytest.param("? [a]\n: 1", ["line 1: a name must be a plain word"], id="a list as a name"),
        pytest.param("year_end: 2026-02-31", ["line 1: '2026-02-31' cannot be read"], id="no day"),
        pytest.param("x: !!python/name:os.system", ["cannot be read"], id="code"),
        pytest.param("just text", ["is not a mapping"], id="text"),
    ],
)
def test_what_is_no_settings_file_is_named_as_what_it_is(tmp_path, text, expected):
    faults = said(tmp_path, text)
    assert all(part in fault for part, fault in zip(expected, faults, strict=True)), faults


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(SettingsError, match="there is no such file"):
        read_yaml(tmp_path / "project.yml")
    with pytest.raises(SettingsError, match="is a folder"):
        read_yaml(tmp_path)
    loop = tmp_path / "loop.yml"
    loop.symlink_to(loop)
    with pytest.raises(SettingsError, match="cannot be read"):
        read_yaml(loop)
    latin = tmp_path / "latin.yml"
    latin.write_bytes(b"data: x\ncompany: {name: M\xfcller}\n")
    with pytest.raises(SettingsError, match="line 2: byte FC is not UTF-8"):
        read_yaml(latin)
