# SPDX-License-Identifier: AGPL-3.0-or-later
"""The process or thread that does the deferred work."""

import asyncio
import contextlib
import logging
import threading
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone
from procrastinate.contrib.django import DjangoApp, app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateWorker
from procrastinate.exceptions import AppNotOpen, ConnectorException
from procrastinate.job_context import JobContext

logger = logging.getLogger(__name__)
PAUSE_AFTER_FAILURE = 2  # seconds; the database may be starting again
LOOK_FOR_LOST_JOBS = 60  # seconds
SIGN_OF_LIFE = timedelta(seconds=40)  # it gives one every ten seconds


class Worker:
    """Does the waiting jobs, and those to come, until it is told to stop. A lost database only makes it wait."""

    def __init__(self, *, at_once: int = 4, look_every: float = 5.0) -> None:
        self.at_once = at_once
        self.look_every = look_every  # seconds, for jobs that become due; new ones announce themselves
        self._stop: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """It works beside the web server, in a thread with its own event loop."""
        ready = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self.run(on_ready=ready.set)), name="worker", daemon=True
        )
        self._thread.start()
        ready.wait()

    def stop(self, timeout: float = 10) -> None:
        """Jobs under way were given some seconds to finish; nothing new was begun."""
        if self._loop and self._stop and not self._loop.is_closed():
            with contextlib.suppress(RuntimeError):  # closed in between
                self._loop.call_soon_threadsafe(self._stop.set)
        if self._thread:
            self._thread.join(timeout)

    async def run(self, on_ready: Callable[[], None] = lambda: None) -> None:
        """Work until `stop` is called from another thread or a signal handler."""
        self._stop, self._loop = asyncio.Event(), asyncio.get_running_loop()
        on_ready()
        stopped = asyncio.create_task(self._stop.wait())
        while not stopped.done():
            work = asyncio.create_task(self._work())
            await asyncio.wait([work, stopped], return_when=asyncio.FIRST_COMPLETED)
            work.cancel()
            try:
                await work
            except asyncio.CancelledError:
                pass
            except ConnectorException as error:
                logger.warning("The worker lost the database (%s) and tries again.", type(error).__name__)
            if not stopped.done():
                await asyncio.wait([stopped], timeout=PAUSE_AFTER_FAILURE)

    async def _work(self) -> None:
        working = _own_connections()
        lost = asyncio.create_task(_retry_lost_jobs(working))
        try:
            await working.open_async()
            await working.run_worker_async(
                concurrency=self.at_once,
                fetch_job_polling_interval=self.look_every,
                delete_jobs="successful",
                install_signal_handlers=False,
                shutdown_graceful_timeout=8,
                worker_middleware=[_say_what_failed],
            )
        finally:
            lost.cancel()
            await asyncio.gather(lost, return_exceptions=True)
            await working.close_async()  # also one that was still opening: its tasks would never end


def is_any_alive() -> bool:
    """Whether a worker, of whichever process, said lately that it works."""
    return ProcrastinateWorker.objects.filter(last_heartbeat__gt=timezone.now() - SIGN_OF_LIFE).exists()


def _own_connections() -> DjangoApp:
    """The same jobs by other connections: those of the web's threads cannot listen."""
    connector = app.connector
    assert isinstance(connector, DjangoConnector)  # noqa: S101 - for the type checker
    working = DjangoApp(connector=connector.get_worker_connector())
    working.tasks = app.tasks
    working.periodic_registry = app.periodic_registry
    return working


async def _retry_lost_jobs(working: DjangoApp) -> None:
    """Jobs whose worker was killed are begun again."""
    while True:
        await asyncio.sleep(1)  # the connections are opened meanwhile
        with contextlib.suppress(ConnectorException, AppNotOpen):
            for lost in await working.job_manager.get_stalled_jobs():
                logger.warning("Job %s was lost by a worker and runs again.", lost.task_name)
                await working.job_manager.retry_job(lost)
        await asyncio.sleep(LOOK_FOR_LOST_JOBS - 1)


async def _say_what_failed(call_next: Callable[[], Awaitable[Any]], context: JobContext, worker: Any) -> Any:
    """Which job failed and why, without its arguments."""
    try:
        return await call_next()
    except Exception:
        logger.exception("Job %s failed.", context.job.task_name)
        raise
