# SPDX-License-Identifier: AGPL-3.0-or-later
"""Jobs and how they are put into the queue."""

import inspect
from collections.abc import Callable
from datetime import datetime
from typing import Any, ParamSpec

from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.tasks import Task

P = ParamSpec("P")
Function = Callable[..., None]
_tasks: dict[Function, Task[..., Any, ...]] = {}


def job(*, retries: int = 0) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """The function may be deferred. It still runs at once when it is called.

    A job that fails is tried again after 3, 9, 27 ... seconds, as often as it says. It may also run twice
    (the worker was killed just before it could say that it was done), so it must not mind.
    """

    def register(function: Callable[P, None]) -> Callable[P, None]:
        retry = RetryStrategy(max_attempts=retries, exponential_wait=3) if retries else False
        _tasks[function] = app.task(name=_name(function), retry=retry)(function)
        return function

    return register


def every(cron: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """The function runs whenever this line of a crontab says ("*/5 * * * *"), once for all workers together."""

    def register(function: Callable[[], None]) -> Callable[[], None]:
        def run(timestamp: int) -> None:
            function()

        _tasks[function] = app.periodic(cron=cron)(app.task(name=_name(function))(run))
        return function

    return register


def defer(function: Callable[P, None], *arguments: P.args, **named: P.kwargs) -> None:
    """The job runs soon after the current transaction commits."""
    _configured(function).defer(**_by_name(function, arguments, named))


def defer_at(moment: datetime, function: Callable[P, None], *arguments: P.args, **named: P.kwargs) -> None:
    """The job runs at this moment, or as soon as a worker is there."""
    _configured(function, schedule_at=moment).defer(**_by_name(function, arguments, named))


def defer_once(key: str, function: Callable[P, None], *arguments: P.args, **named: P.kwargs) -> bool:
    """The job runs soon, unless one with the same key is waiting already: True when it was added."""
    try:
        with transaction.atomic():  # a refusal must not spoil the caller's transaction
            _configured(function, queueing_lock=key).defer(**_by_name(function, arguments, named))
    except AlreadyEnqueued:
        return False
    return True


def _configured(function: Function, **options: Any) -> Any:
    try:
        return _tasks[function].configure(**options)
    except KeyError:
        raise TypeError(f"{_name(function)} is not a job: decorate it with @jobs.job()") from None


def _by_name(function: Function, arguments: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
    return dict(inspect.signature(function).bind(*arguments, **named).arguments)


def _name(function: Function) -> str:
    return f"{function.__module__}.{function.__qualname__}"
