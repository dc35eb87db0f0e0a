"""A relay before an engine, which a test may cut, hold, or have swallow answers; the engine goes on."""

import contextlib
import socket
from pathlib import Path
from threading import Event, Thread


class Relay:
    """Listens at the unix socket `path` and hands on to `target`, a path or (host, port)."""

    def __init__(self, path: Path, target: str | tuple[str, int]):
        self.path, self.target = path, target
        self._lines, self._listener = [], None
        self._through, self._swallow = Event(), False

    def __enter__(self):
        self.open()
        return self

    def __exit__(self, *_):
        self._through.set()
        self.cut()

    def open(self) -> None:
        """Let everybody through, as new connections."""
        self._through.set()
        self._swallow = False
        if self._listener is None:
            self.path.unlink(missing_ok=True)
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(str(self.path))
            self._listener.listen(64)
            Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def cut(self) -> None:
        """The engine is gone: connections end, and nobody listens."""
        self.path.unlink(missing_ok=True)
        listener, self._listener = self._listener, None
        lines, self._lines = self._lines, []
        for line in (listener, *lines):
            if line is not None:
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
                line.close()

    def hold(self) -> None:
        """The engine hangs: connections stay, and nothing comes."""
        self._through.clear()

    def swallow(self) -> None:
        """What is asked is done, and the answer is lost."""
        self._swallow = True

    def _accept(self, listener):
        with contextlib.suppress(OSError):
            while True:
                near, _name = listener.accept()
                far = socket.socket(socket.AF_UNIX if isinstance(self.target, str) else socket.AF_INET)
                far.connect(self.target)
                self._lines += [near, far]
                Thread(target=self._carry, args=[near, far, False], daemon=True).start()
                Thread(target=self._carry, args=[far, near, True], daemon=True).start()

    def _carry(self, source, sink, answers):
        with contextlib.suppress(OSError):
            while said := source.recv(65536):
                self._through.wait()
                if not (answers and self._swallow):
                    sink.sendall(said)
        for line in (source, sink):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
