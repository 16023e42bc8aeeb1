"""The wall: what a confined thread may touch. A thread's confinement ends with the thread."""

import os
import socket
import threading

import pytest

from kpi_lib.batch import landlock

needs_landlock = pytest.mark.skipif(not landlock.version(), reason="this machine has no Landlock")


@pytest.mark.skipif("CI" not in os.environ, reason="only CI must have what the others skip without")
def test_the_machine_that_decides_has_the_wall():
    assert landlock.version()


def confined(read, write, action, listed=()):
    """Run an action in a thread of its own that is confined, and return what came of it."""
    came = []

    def run():
        allowed = ([str(place) for place in places] for places in (read, write, listed))
        landlock.restrict(*allowed)
        try:
            came.append(action())
        except OSError as refused:
            came.append(type(refused))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return came[0]


@pytest.fixture
def places(tmp_path):
    for name in ("own", "other", "scratch"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "slice.json").write_text("{}")
    return tmp_path


@needs_landlock
def test_its_own_slice_may_be_read_and_another_one_not(places):
    allowed = ([places / "own"], [places / "scratch"])
    assert confined(*allowed, (places / "own/slice.json").read_text) == "{}"
    assert confined(*allowed, (places / "other/slice.json").read_text) is PermissionError
    assert confined(*allowed, lambda: list(places.iterdir())) is PermissionError


@needs_landlock
def test_a_single_file_may_be_allowed(places):
    file = places / "own/slice.json"
    assert confined([file, places / "gone"], [], file.read_text) == "{}"


@needs_landlock
def test_only_the_scratch_folder_may_be_written(places):
    allowed = ([places / "own"], [places / "scratch"])
    write = lambda name: (places / name / "new").write_text("x")  # noqa: E731
    assert confined(*allowed, lambda: write("scratch")) == 1
    assert confined(*allowed, lambda: write("own")) is PermissionError


@needs_landlock
def test_a_link_does_not_lead_out(places):
    allowed = ([places / "own"], [places / "scratch"])

    def through_a_link():
        (places / "scratch/link").symlink_to(places / "other/slice.json")
        return (places / "scratch/link").read_text()

    assert confined(*allowed, through_a_link) is PermissionError


@needs_landlock
def test_no_connection_can_be_made(places):
    if landlock.version() < 4:
        pytest.skip("this version does not know of the network")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert confined([], [], lambda: socket.create_connection(("127.0.0.1", port))) is (
            PermissionError
        )


def test_elsewhere_there_is_none(monkeypatch):
    monkeypatch.setattr(landlock.sys, "platform", "darwin")
    assert landlock.version() == 0


@needs_landlock
@pytest.mark.parametrize("older", [1, 3, 5])
def test_an_older_version_is_asked_for_what_it_knows(places, monkeypatch, older):
    monkeypatch.setattr(landlock, "version", lambda: older)
    assert confined([places / "own"], [], (places / "other/slice.json").read_text) is (
        PermissionError
    )


@needs_landlock
def test_a_refusal_of_the_machine_is_an_error(monkeypatch):
    with pytest.raises(OSError, match="Landlock"):
        landlock._require_success(-1)


@needs_landlock
def test_a_place_that_is_listed_shows_its_names_and_not_what_they_hold(places):
    names = confined([], [], lambda: sorted(p.name for p in places.iterdir()), listed=[places])
    assert names == ["other", "own", "scratch"]
    other = places / "other" / "slice.json"
    assert confined([], [], other.read_text, listed=[places]) is PermissionError
