"""Several people at the same moment: races are tried on real threads, each with a connection of its own."""

import threading
from collections.abc import Callable

from django.db import connections


def in_threads(*acts: Callable[[], object]) -> list[object]:
    """What each act answered or raised, all started together on connections of their own."""
    gate = threading.Barrier(len(acts), timeout=30)
    answers: list[object] = [None] * len(acts)

    def run(place: int, act: Callable[[], object]) -> None:
        gate.wait()
        try:
            answers[place] = act()
        except Exception as error:
            answers[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
