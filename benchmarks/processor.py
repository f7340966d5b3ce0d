"""Processor time of processes and all they started, which other work blurs least."""

import os
from contextlib import closing
from pathlib import Path

import psycopg2

_TICKS = os.sysconf("SC_CLK_TCK")


def server_process(url: str) -> int:
    """Return the process that started the one behind a connection to a server of this machine."""
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone() or (0,)
        stat = Path(f"/proc/{backend}/stat").read_text("utf-8")
    return int(stat.rpartition(")")[2].split()[1])


def processor_seconds(*roots: int) -> float:
    """Return the seconds used by processes and their descendants, ended ones included."""
    own: dict[int, int] = {}
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text("utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        process = int(stat.parent.name)
        # utime, stime, and those of children that were waited for
        own[process] = sum(int(field) for field in fields[11:15])
        children.setdefault(int(fields[1]), []).append(process)
    waiting, ticks = list(roots), 0
    while waiting:
        process = waiting.pop()
        ticks += own.get(process, 0)
        waiting += children.get(process, [])
    return ticks / _TICKS
