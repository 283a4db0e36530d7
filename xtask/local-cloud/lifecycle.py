"""Being alone, and leaving nothing: process group, temporary folder, parent watch, prompt end.

Workers of functions stay in the launcher's process group. Three ways lead to the end: SIGTERM or
SIGINT, the parent's end, and a SIGKILL of the launcher itself, for which a guardian process waits
on a pipe that closes with it. Each kills the rest of the group and removes the folder.
"""
import os
import select
import shutil
import signal
import tempfile
import threading


def own_group():
    """Make this process the leader of its own session and group, unless its starter already did."""
    if os.getpgrp() != os.getpid():
        os.setsid()
    return os.getpgrp()


def temporary_folder():
    """One folder that all of Python's and the functions' temporary files go to."""
    folder = tempfile.mkdtemp(prefix="datalake-cloud-")
    tempfile.tempdir = os.environ["TMPDIR"] = folder
    return folder


def kill_group(group):
    """SIGKILL every process of the group but this one; returns when none is left running."""
    while members := group_members(group):
        for pid in members:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # it ended by itself


def group_members(group):
    """The living processes of a group, this one left out."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as stat:
                state, _, process_group = stat.read().rpartition(")")[2].split()[:3]
        except (FileNotFoundError, ProcessLookupError):
            continue  # ended while we looked
        if int(process_group) == group and state not in "ZX" and int(entry) != os.getpid():
            found.append(int(entry))
    return found


def start_guardian(group, folder):
    """Fork the process that cleans up after a SIGKILL. Call it while there is one thread only."""
    reading, writing = os.pipe()
    if os.fork():
        os.close(reading)
        os.set_inheritable(writing, False)
        return
    os.setsid()
    os.close(writing)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.closerange(0, reading)  # a reader of our starter's pipes must not wait for us
    os.closerange(reading + 1, 256)
    os.read(reading, 1)
    kill_group(group)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(0)


def end(group, folder, status=0):
    """Stop the workers, remove the folder, and leave at once: no thread is waited for."""
    kill_group(group)
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(status)


def end_on_signals(group, folder):
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end(group, folder))


def end_with_parent(pid, group, folder):
    """End when the process `pid` does; a pidfd cannot be confused by a pid used again."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        end(group, folder)

    def watch():
        select.select([handle], [], [])
        end(group, folder)

    threading.Thread(target=watch, daemon=True, name="parent-watch").start()
