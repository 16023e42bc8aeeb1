"""The system calls that a report's kernel makes, and the names of those that it is refused.

The numbers are those of Linux's two architectures in use, x86-64 and ARM64 ("-": it has none). They
are part of the interface of Linux to programs and never change.
"""

from __future__ import annotations

import platform
import re

# What a page needs. Anything else is refused, also what a later Linux adds: nobody knows it all.
_ALLOWED = """
# files that are open
read 0 63, write 1 64, readv 19 65, writev 20 66, pread64 17 67, pwrite64 18 68, preadv 295 69,
pwritev 296 70, lseek 8 62, close 3 57, dup 32 23, dup2 33 -, dup3 292 24, pipe 22 -,
pipe2 293 59, fstat 5 80, getdents 78 -, getdents64 217 61, ftruncate 77 46, fallocate 285 47,
fsync 74 82, fdatasync 75 83, sendfile 40 71, copy_file_range 326 285, fcntl 72 25, ioctl 16 29,

# files by name: Landlock says which
open 2 -, openat 257 56, stat 4 -, lstat 6 -, newfstatat 262 79, statx 332 291, access 21 -,
faccessat 269 48, faccessat2 439 439, readlink 89 -, readlinkat 267 78, getcwd 79 17,
chdir 80 49, fchdir 81 50, mkdir 83 -, mkdirat 258 34, rmdir 84 -, unlink 87 -, unlinkat 263 35,
rename 82 -, renameat 264 38, renameat2 316 276, symlink 88 -, symlinkat 266 36, umask 95 166,

# memory of its own
mmap 9 222, munmap 11 215, mprotect 10 226, mremap 25 216, madvise 28 233, brk 12 214,
msync 26 227, membarrier 324 283, mbind 237 235, set_mempolicy 238 237, get_mempolicy 239 236,
mseal 462 462, map_shadow_stack 453 453, pkey_alloc 330 289,
pkey_mprotect 329 288, pkey_free 331 290,

# signals to itself
rt_sigaction 13 134, rt_sigprocmask 14 135, rt_sigreturn 15 139, rt_sigpending 127 136,
rt_sigtimedwait 128 137, rt_sigsuspend 130 133, sigaltstack 131 132, pause 34 -,
restart_syscall 219 128, kill 62 129, tgkill 234 131,

# itself
exit 60 93, exit_group 231 94, futex 202 98, set_robust_list 273 99,
set_tid_address 218 96, futex_wake 454 454, futex_wait 455 455, futex_requeue 456 456,
rseq 334 293, arch_prctl 158 -, prctl 157 167, getpid 39 172,
gettid 186 178, getppid 110 173, getpgrp 111 -, getpgid 121 155, getsid 124 156, getuid 102 174,
geteuid 107 175, getgid 104 176, getegid 108 177, getgroups 115 158, getresuid 118 148,
getresgid 120 150, capget 125 90, uname 63 160, getrusage 98 165, times 100 153,
getrlimit 97 163, prlimit64 302 261, getcpu 309 168, getrandom 318 278, sched_yield 24 124,
sched_getaffinity 204 123,

# time
clock_gettime 228 113, clock_getres 229 114, gettimeofday 96 169, time 201 -, nanosleep 35 101,
clock_nanosleep 230 115, alarm 37 -, setitimer 38 103, getitimer 36 102, timerfd_create 283 85,
timerfd_settime 286 86, timerfd_gettime 287 87,

# waiting
poll 7 -, ppoll 271 73, select 23 -, pselect6 270 72, epoll_create 213 -, epoll_create1 291 20,
epoll_ctl 233 21, epoll_wait 232 -, epoll_pwait 281 22, epoll_pwait2 441 441, eventfd 284 -,
eventfd2 290 19, signalfd 282 -, signalfd4 289 74,

# sockets that it was given
socketpair 53 199, accept 43 202, accept4 288 242, recvfrom 45 207, recvmsg 47 212,
sendto 44 206, sendmsg 46 211, getsockname 51 204, getpeername 52 205, getsockopt 55 209,
setsockopt 54 208
"""

# While the libraries start threads and lay down files, before the first line of a notebook.
_WHILE_STARTING = """
clone 56 220, sched_getparam 143 121, sched_getscheduler 145 120, sched_setscheduler 144 119,
sched_get_priority_max 146 125, sched_get_priority_min 147 126, chmod 90 -, fchmod 91 52,
fchmodat 268 53, sysinfo 99 179
"""

# Answered as by an older Linux, so that the C library falls back on what can be looked at.
_ABSENT = """
clone3 435 435, openat2 437 437, futex_waitv 449 449
"""

# Only to say by name what was refused.
_REFUSED = """
socket 41 198, connect 42 203, bind 49 200, listen 50 201, shutdown 48 210, sendmmsg 307 269,
recvmmsg 299 243, shmget 29 194, shmat 30 196, shmctl 31 195, semget 64 190, semop 65 193,
semtimedop 220 192, semctl 66 191, msgget 68 186, msgsnd 69 189, msgrcv 70 188, msgctl 71 187,
mq_open 240 180, mq_unlink 241 181, setxattr 188 5, lsetxattr 189 6, fsetxattr 190 7,
getxattr 191 8, lgetxattr 192 9, fgetxattr 193 10, listxattr 194 11, llistxattr 195 12,
flistxattr 196 13, removexattr 197 14, lremovexattr 198 15, fremovexattr 199 16, add_key 248 217,
request_key 249 218, keyctl 250 219, ptrace 101 117, process_vm_readv 310 270,
process_vm_writev 311 271, pidfd_open 434 434, pidfd_getfd 438 438, pidfd_send_signal 424 424,
kcmp 312 272, unshare 272 97, setns 308 268, mount 165 40, umount2 166 39, pivot_root 155 41,
chroot 161 51, open_tree 428 428, move_mount 429 429, fsopen 430 430, mount_setattr 442 442,
bpf 321 280, perf_event_open 298 241, userfaultfd 323 282, io_uring_setup 425 425,
io_uring_enter 426 426, io_uring_register 427 427, fork 57 -, vfork 58 -, execve 59 221,
execveat 322 281, setsid 112 157, setpgid 109 154, wait4 61 260, waitid 247 95, tkill 200 130,
rt_sigqueueinfo 129 138, rt_tgsigqueueinfo 297 240, timer_create 222 107, utime 132 -,
utimes 235 -, futimesat 261 -, utimensat 280 88, chown 92 -, fchown 93 55, lchown 94 -,
fchownat 260 54, fchmodat2 452 452, mknod 133 -, mknodat 259 33, link 86 -, linkat 265 37,
truncate 76 45, flock 73 32, inotify_init 253 -, inotify_init1 294 26, inotify_add_watch 254 27,
fanotify_init 300 262, name_to_handle_at 303 264, open_by_handle_at 304 265, mincore 27 232,
cachestat 451 451, preadv2 327 286, pwritev2 328 287, readahead 187 213, fadvise64 221 223,
splice 275 76, tee 276 77, vmsplice 278 75, memfd_create 319 279, memfd_secret 447 447,
close_range 436 436, setrlimit 160 164, setpriority 141 140, getpriority 140 141,
ioprio_set 251 30, ioprio_get 252 31, sched_setaffinity 203 122, sched_setparam 142 118,
sched_setattr 314 274, sched_getattr 315 275, statfs 137 43, fstatfs 138 44, statmount 457 457,
listmount 458 458, seccomp 317 277, landlock_create_ruleset 444 444, landlock_add_rule 445 445,
landlock_restrict_self 446 446, process_madvise 440 440
"""

_COLUMNS = {"x86_64": 1, "aarch64": 2}


def column() -> int:
    """Return which column is this machine's; 0 where none is."""
    return _COLUMNS.get(platform.machine(), 0)


def allowed() -> dict[str, int]:
    """Return the calls that a page needs, and their numbers on this machine."""
    return _numbers(_ALLOWED)


def while_starting() -> dict[str, int]:
    """Return the calls that libraries make only before the first line of a notebook."""
    return _numbers(_WHILE_STARTING)


def absent() -> dict[str, int]:
    """Return the calls that are answered as by a Linux that does not know them."""
    return _numbers(_ABSENT)


def name_of(number: int) -> str:
    """Return the name of a system call."""
    tables = (_ALLOWED, _WHILE_STARTING, _REFUSED)
    names = {n: name for table in tables for name, n in _numbers(table).items()}
    return names.get(number, f"system call {number}")


def _numbers(table: str) -> dict[str, int]:
    """Return the calls of a table that this machine has, and their numbers."""
    entries = (line.split() for line in re.sub(r"#.*", "", table).replace("\n", " ").split(","))
    return {entry[0]: int(entry[column()]) for entry in entries if entry[column()] != "-"}
