"""A TCP relay on the loopback that can be cut: the server behind it is away, and then is back."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress

LOOPBACK = "127.0.0.1"


class Relay:
    """Whoever connects to ``port`` talks to ``target``, another port of the loopback."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self._target = target
        self._sockets: list[socket.socket] = []
        self.mend()

    def mend(self) -> None:
        """Take connections, at the same port as before."""
        listener = socket.create_server((LOOPBACK, self.port))
        self.port = listener.getsockname()[1]
        self._sockets = [listener]
        threading.Thread(target=self._accept, args=[listener], daemon=True).start()

    def cut(self) -> None:
        """End every connection, and take none."""
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._sockets = []

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):  # it was cut
            while True:
                near, _address = listener.accept()
                far = socket.create_connection((LOOPBACK, self._target))
                self._sockets += [near, far]
                for source, sink in ((near, far), (far, near)):
                    threading.Thread(target=_pump, args=[source, sink], daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    for one in (source, sink):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
