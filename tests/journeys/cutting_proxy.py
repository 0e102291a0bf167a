"""Stands between a process and its PostgreSQL: cuts the line after a COMMIT was passed
on, or is away for a while.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.engine import make_url

AT_ONCE = 64 * 1024
# seconds in which a server has surely committed what it was told to
ANSWERED_WITHIN = 0.05


@dataclass(slots=True)
class Proxy:
    """Where it listens, and when it cuts: after each so-many-th commit, while `every`
    is above 0.
    """

    url: str
    every: int = 0
    cuts: int = 0
    away: bool = False
    _lines: set[socket.socket] = field(default_factory=set)
    _commits: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def cuts_now(self) -> bool:
        with self._lock:
            self._commits += 1
            due = bool(self.every) and self._commits % self.every == 0
            self.cuts += due
            return due

    def goes_away(self, seconds: float) -> None:
        """As a server that is restarted: every line is cut, and none is taken
        meanwhile.
        """
        self.away = True
        with self._lock:
            for line in self._lines:
                with suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
        time.sleep(seconds)
        self.away = False

    def knows(self, line: socket.socket, *, open_: bool) -> None:
        with self._lock:
            (self._lines.add if open_ else self._lines.discard)(line)


@contextmanager
def proxy(url: str, folder: Path) -> Iterator[Proxy]:
    """In front of the server of this URL, on a socket in the folder; whoever uses its
    own URL goes through it.
    """
    where = make_url(url)
    name = ".s.PGSQL.5432"
    front = where.set(query={"host": str(folder)}).render_as_string(hide_password=False)
    made, server = Proxy(front), str(Path(str(where.query["host"])) / name)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / name))
        listener.listen(64)

        def accepts() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(
                    target=_carry, args=(client, server, made), daemon=True
                ).start()

        threading.Thread(target=accepts, daemon=True).start()
        yield made
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def _carry(client: socket.socket, server: str, made: Proxy) -> None:
    """One connection, both ways, until either side ends it or it is cut."""
    behind = socket.socket(socket.AF_UNIX)
    made.knows(client, open_=True)
    with client, behind, suppress(OSError):
        if made.away:
            raise OSError
        behind.connect(server)
        back = threading.Thread(target=_bring_back, args=(behind, client), daemon=True)
        back.start()
        while heard := client.recv(AT_ONCE):
            cut = b"COMMIT" in heard and made.cuts_now()
            if cut:
                with suppress(OSError):
                    # what the server answers reaches nobody
                    client.shutdown(socket.SHUT_RDWR)
            behind.sendall(heard)
            if cut:
                time.sleep(ANSWERED_WITHIN)
                break
        with suppress(OSError):
            behind.shutdown(socket.SHUT_RDWR)
    made.knows(client, open_=False)


def _bring_back(behind: socket.socket, client: socket.socket) -> None:
    with suppress(OSError):
        while heard := behind.recv(AT_ONCE):
            client.sendall(heard)
        client.shutdown(socket.SHUT_RDWR)
