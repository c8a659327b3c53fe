# SPDX-License-Identifier: AGPL-3.0-or-later
"""The worker of a test: does what is waiting, in the test's own thread and transaction."""

from datetime import datetime

from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob


def run_waiting(*, at: datetime | None = None) -> list[str]:
    """Every job that is due, also those that the jobs themselves defer, is done; returns their names in order."""
    done = []
    while waiting := _next(at or timezone.now()):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [waiting.pk])
        app.tasks[waiting.task_name](**waiting.args)
        done.append(waiting.task_name)
    return done


def waiting_jobs() -> list[tuple[str, dict[str, object], datetime | None]]:
    """Name, arguments and due time of what is in the queue, oldest first."""
    return list(
        ProcrastinateJob.objects.filter(status="todo").order_by("pk").values_list("task_name", "args", "scheduled_at")
    )


def _next(at: datetime) -> ProcrastinateJob | None:
    todo = ProcrastinateJob.objects.filter(status="todo")
    return (todo.filter(scheduled_at=None) | todo.filter(scheduled_at__lte=at)).order_by("-priority", "pk").first()
