# SPDX-License-Identifier: AGPL-3.0-or-later
"""Work with the database beside the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import ParamSpec, TypeVar

from django.db import close_old_connections

P = ParamSpec("P")
R = TypeVar("R")


async def in_thread(threads: Executor | None, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """The answer of this function, from one of these threads (the loop's own without); its connection is given back."""

    def call() -> R:
        close_old_connections()
        try:
            return function(*args, **kwargs)
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(threads, call)
