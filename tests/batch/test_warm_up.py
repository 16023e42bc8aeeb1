"""What every report imports is compiled once, before many kernels that may not store it."""

from kpi_lib.batch import warm_up as prepare


def test_a_machine_that_is_ready_needs_no_preparing(monkeypatch):
    monkeypatch.setattr(prepare, "_is_compiled", lambda package, module: True)
    assert prepare.prepare() is False


def test_a_fresh_machine_imports_everything_once(monkeypatch):
    called = []
    monkeypatch.setattr(prepare, "_is_compiled", lambda package, module: False)
    monkeypatch.setattr(prepare.subprocess, "run", lambda *args, **more: called.append(args))
    assert prepare.prepare() is True
    assert len(called) == 1


def test_what_is_compiled_is_known_by_its_bytecode(tmp_path, monkeypatch):
    (tmp_path / "fresh").mkdir()
    (tmp_path / "fresh" / "__init__.py").write_text("")
    (tmp_path / "fresh" / "part.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    assert not prepare._is_compiled("fresh", "part.py")
    assert prepare._is_compiled("fresh", "no_such_module.py")
    assert prepare._is_compiled("no_such_package_at_all", "part.py")
