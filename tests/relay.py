"""A TCP relay on the loopback that can be cut: the server behind it is away, and then is back."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

LOOPBACK = "127.0.0.1"
_LOOK_UP_S = 0.05


class Relay:
    """Whoever connects to ``port`` talks to ``target``, another port of the loopback, until it is cut."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self._target = target
        self._cut = threading.Event()
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.mend()

    def mend(self) -> None:
        """Take connections, at the same port as before."""
        listener = socket.create_server((LOOPBACK, self.port))
        listener.settimeout(_LOOK_UP_S)
        self.port = listener.getsockname()[1]
        self._sockets, self._threads = [listener], []
        self._cut.clear()
        self._run(self._accept, listener)

    def cut(self) -> None:
        """End every connection, and take none; nothing of it is left open. Safe to repeat."""
        self._cut.set()
        for accepting in self._threads[:1]:
            accepting.join()  # from here on there are no more sockets
        _shut(*self._sockets)
        for pumping in self._threads[1:]:
            pumping.join()
        for one in self._sockets:
            one.close()
        self._sockets, self._threads = [], []

    def _accept(self, listener: socket.socket) -> None:
        while not self._cut.is_set():
            with suppress(OSError):  # nobody came for a while, or the server is not there
                near, _address = listener.accept()
                self._sockets.append(near)
                far = socket.create_connection((LOOPBACK, self._target))
                self._sockets.append(far)
                self._run(_pump, near, far)
                self._run(_pump, far, near)

    def _run(self, work: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    _shut(source, sink)


def _shut(*sockets: socket.socket) -> None:
    for one in sockets:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
