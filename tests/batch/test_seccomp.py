"""The filter of system calls: what a page needs goes through, all else is refused and named."""

import errno
import os
import subprocess
import sys
import threading

import pytest

from kpi_lib.batch import seccomp, syscalls
from kpi_lib.batch.refusals import Supervisor

needs_filter = pytest.mark.skipif(not seccomp.available(), reason="this system has no filter")
BEGIN = """
import ctypes, os, signal, socket, sys, threading
from kpi_lib.batch import seccomp
from kpi_lib.batch.refusals import Line
line = Line(int(sys.argv[1]))
libc = ctypes.CDLL(None, use_errno=True)
def refused(action):
    try:
        action()
    except OSError as error:
        return error.errno
"""
CONFINE = """
line.give(seccomp.restrict(line.descriptor))
"""


@pytest.mark.skipif("CI" not in os.environ, reason="only CI must have what the others skip without")
def test_the_machine_that_decides_has_the_filter():
    assert seccomp.available()


def filtered(code, begin=BEGIN + CONFINE):
    """Run code in a filtered process; return its status, what it printed, and what was refused."""
    # Coverage would write its own file behind the filter, and be refused the lock of it.
    unmeasured = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE_")}
    with Supervisor() as supervisor:
        end = supervisor.theirs.fileno()
        done = subprocess.run(
            [sys.executable, "-c", begin + code, str(end)],
            pass_fds=(end,),
            env=unmeasured,
            capture_output=True,
            text=True,
            check=False,
        )
    asked = [said.rpartition(" ")[2] for said in supervisor.refused]
    return done.returncode, done.stdout.strip() or done.stderr, asked


@needs_filter
def test_what_a_notebook_is_refused_is_reported_by_name_though_it_goes_on():
    code = """
line.started()
print(refused(lambda: socket.socket()), refused(lambda: os.getxattr('/', 'user.x')))
print(refused(lambda: os.sched_setaffinity(0, [0])))
"""
    status, printed, asked = filtered(code)
    assert status == 0
    assert set(printed.split()) == {str(errno.EPERM)}
    assert asked == ["socket", "getxattr", "sched_setaffinity"]


@needs_filter
def test_what_libraries_do_before_the_first_cell_is_no_notebooks_attempt():
    code = """
begun = threading.Thread(target=print, args=("begun",)); begun.start(); begun.join()
refused(lambda: socket.socket())
line.started()
print(refused(os.fork))
try:
    threading.Thread(target=print).start()
except RuntimeError:
    print("none")
"""
    status, printed, asked = filtered(code)
    assert (status, printed.split()) == (0, ["begun", str(errno.EPERM), "none"])
    assert asked == ["clone"]


@needs_filter
def test_a_process_can_be_started_at_no_time():
    assert filtered("print(refused(os.fork))")[1] == str(errno.EPERM)


@needs_filter
def test_a_kernel_talks_over_pairs_of_sockets_and_to_itself():
    code = """
line.started()
one, other = socket.socketpair()
one.send(b"x"); other.recv(1)
os.kill(os.getpid(), 0)
os.getpgid(0)
print(refused(lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)))
print(refused(lambda: one.sendto(b"x", "/tmp/x")))
print(refused(lambda: os.kill(os.getppid(), 0)))
print(refused(lambda: os.kill(os.getpid(), signal.SIGRTMIN)))
"""
    status, printed, asked = filtered(code)
    assert (status, set(printed.split())) == (0, {str(errno.EPERM)})
    assert asked == ["socketpair", "sendto", "kill"]


@needs_filter
@pytest.mark.parametrize("attempt", ["os.close(line.descriptor)", "os.dup2(0, line.descriptor)"])
def test_a_notebook_cannot_take_its_line_away(attempt):
    code = f"""
line.started()
refused(lambda: {attempt})
line.say("this notebook may read only its own slice; it asked for /x")
"""
    assert filtered(code)[2][1:] == ["/x"]


@needs_filter
@pytest.mark.skipif(syscalls.column() != 1, reason="only x86-64 has a second set of numbers")
def test_the_second_set_of_numbers_ends_the_process():
    status, _, _ = filtered("libc.syscall(ctypes.c_long(0x40000000 | 39))")
    assert status == -31  # SIGSYS


@needs_filter
@pytest.mark.skipif(syscalls.column() != 1, reason="only x86-64 runs the calls of another machine")
def test_the_calls_of_another_architecture_end_the_process():
    code = """
import mmap
code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
code.write(bytes([0xB8, 20, 0, 0, 0, 0xCD, 0x80, 0xC3]))  # getpid, as a program of 32 bits
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
print("it returned")
"""
    status, printed, _ = filtered(code)
    assert (status, "it returned" in printed) == (-31, False)


@needs_filter
def test_where_there_is_no_listener_the_system_refuses_by_itself():
    code = """
install = seccomp._install_filter
seccomp._install_filter = lambda code, flags: -1 if flags else install(code, flags)
print(seccomp.restrict(line.descriptor), refused(lambda: socket.socket()), refused(os.fork))
begun = threading.Thread(target=print, args=("begun",)); begun.start(); begun.join()
"""
    assert filtered(code, BEGIN)[1].split() == ["-1", *[str(errno.EPERM)] * 2, "begun"]


@needs_filter
def test_a_refusal_of_the_system_is_an_error():
    with pytest.raises(OSError, match="seccomp"):
        seccomp._require_success(-1)


@pytest.mark.parametrize(("machine", "openat"), [("x86_64", 257), ("aarch64", 56)])
def test_each_architecture_has_its_numbers(monkeypatch, machine, openat):
    monkeypatch.setattr(syscalls.platform, "machine", lambda: machine)
    assert syscalls.allowed()["openat"] == openat
    assert syscalls.name_of(openat) == "openat"
    numbers = [*syscalls.allowed().values(), *syscalls.while_starting().values()]
    numbers += syscalls.absent().values()
    assert len(numbers) == len(set(numbers))
    assert {"read", "write", "mmap", "futex", "clone"} <= {*map(syscalls.name_of, numbers)}


def test_a_machine_whose_numbers_we_do_not_know_has_no_filter(monkeypatch):
    monkeypatch.setattr(syscalls.platform, "machine", lambda: "riscv64")
    assert not seccomp.available()


def test_a_call_without_a_name_is_named_by_its_number():
    assert syscalls.name_of(9999) == "system call 9999"


def test_a_line_that_somebody_holds_on_to_is_given_up(monkeypatch):
    monkeypatch.setattr("kpi_lib.batch.refusals._LAST_WORDS", 0.05)
    with Supervisor() as supervisor:
        left = os.dup(supervisor.theirs.fileno())
    os.close(left)
    assert "goes on when its kernel has ended" in supervisor.refused[0]
    assert not [t for t in threading.enumerate() if t.name.endswith("(_serve)")]


@needs_filter
def test_a_file_that_a_notebook_sends_is_not_listened_to():
    code = """
line.started()
line.give(os.open("/dev/null", os.O_RDONLY))
line.say("asked for /x")
"""
    assert filtered(code)[2] == ["/x"]


@needs_filter
def test_a_library_that_asks_for_the_size_of_the_memory_fails_no_report():
    assert filtered("line.started(); libc.sysinfo(ctypes.create_string_buffer(112))")[2] == []


def test_a_report_whose_refusals_could_not_be_heard_is_no_good_one():
    supervisor = Supervisor()
    supervisor._serve = supervisor._thread._target = lambda: None
    with supervisor:
        pass
    assert "could not be heard" in supervisor.refused[0]


def test_of_a_notebook_that_tries_without_end_the_first_attempts_are_kept():
    with Supervisor() as supervisor:
        lines = [b"before\n", b"the first cell\n", *(b"attempt %d\n" % n for n in range(99))]
        supervisor.theirs.sendall(b"".join(lines))
    assert supervisor.refused == tuple(f"attempt {n}" for n in range(20))
