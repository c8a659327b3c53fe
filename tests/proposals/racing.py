"""Two acts at once whose order a test decides: the second has read what it rests on before the first is committed."""

import threading
from importlib import import_module
from typing import Any

import pytest

PATIENCE = 60.0  # seconds; only reached where the test fails


def told_when_read(monkeypatch: pytest.MonkeyPatch, name: str) -> threading.Event:
    """Set as soon as this function has answered in another thread than the test's own."""
    module, _dot, function = name.rpartition(".")
    real, read = getattr(import_module(module), function), threading.Event()

    def reading(*given: Any, **named: Any) -> Any:
        answer = real(*given, **named)
        if threading.current_thread() is not threading.main_thread():
            read.set()
        return answer

    monkeypatch.setattr(name, reading)
    return read
