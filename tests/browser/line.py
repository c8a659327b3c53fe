"""A line to a server that can be cut while something is on its way, as when a phone loses its mast.

A browser that is told to be offline still finishes an upload that has begun; bytes that a cut line swallowed are gone.
"""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

AT_ONCE = struct.pack("ii", 1, 0)  # no last goodbye to either end
CHUNK = 4096


class Line:
    """Passes on what comes to its own address, until it is cut, and again when it is mended."""

    def __init__(self, to: str) -> None:
        parts = urlsplit(to)
        self._to = (parts.hostname or "", parts.port or 80)
        self._door = socket.create_server(("127.0.0.1", 0))
        self._ends: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._is_cut = False
        self._threads = [threading.Thread(target=self._take_calls)]
        self._threads[0].start()
        self.url = f"{parts.scheme}://{parts.hostname}:{self._door.getsockname()[1]}"

    def cut(self) -> None:
        with self._lock:
            self._is_cut = True
            for end in self._ends:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
                hang_up(end)

    def mend(self) -> None:
        self._is_cut = False

    def close(self) -> None:
        hang_up(self._door)
        self.cut()
        for thread in self._threads:
            thread.join(10)
        self._door.close()

    def _take_calls(self) -> None:
        with suppress(OSError):  # the door was closed
            while True:
                caller, _address = self._door.accept()
                call = threading.Thread(target=self._connect, args=(caller,))
                self._threads.append(call)
                call.start()

    def _connect(self, caller: socket.socket) -> None:
        """Both ways of one call, until either end hangs up."""
        with caller, suppress(OSError), socket.create_connection(self._to) as called:
            ends = {caller, called}
            with self._lock:
                if self._is_cut:
                    return
                self._ends |= ends
            back = threading.Thread(target=pass_on, args=(called, caller))
            back.start()
            pass_on(caller, called)
            back.join()
            with self._lock:
                self._ends -= ends


def pass_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(CHUNK):
            other.sendall(data)
    hang_up(one)
    hang_up(other)


def hang_up(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


@contextmanager
def line_to(url: str) -> Iterator[Line]:
    line = Line(url)
    try:
        yield line
    finally:
        line.close()
