"""Work that happens later: deferred with the transaction, done once, tried again, by whichever worker is there."""

import asyncio
import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

import jobs
from config.jobs import forget_ended_sessions
from jobs.jobs import forget_old_failures
from jobs.testing import run_waiting, waiting_jobs
from jobs.worker import Worker, is_any_alive
from tests.config.conftest import wait_until

done: list[tuple[str, ...]] = []
looked: list[str] = []  # apart, for it happens whenever a minute begins while a worker works


@jobs.job()
def remember(name: str, place: str = "") -> None:
    done.append((name, place))


@jobs.job()
def defer_another(name: str) -> None:
    jobs.defer(remember, name)


@jobs.job(retries=3)
def fail_twice(name: str) -> None:
    done.append((name,))
    if len(done) < 3:
        raise RuntimeError(f"not yet, {name}")


@jobs.job()
def fail_with(name: str) -> None:
    raise RuntimeError("no")


@jobs.every("* * * * *")
def look_around() -> None:
    looked.append("around")


@pytest.fixture(autouse=True)
def nothing_done():
    done.clear()
    looked.clear()


@pytest.fixture
def fake_time(monkeypatch):
    """Waiting for the next try takes no time."""
    monkeypatch.setattr("procrastinate.retry.utils.utcnow", lambda: timezone.now() - timedelta(minutes=5))


@contextmanager
def working():
    worker = Worker(look_every=0.2)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


@pytest.mark.django_db
def test_a_deferred_job_waits_and_is_then_done_with_its_arguments():
    jobs.defer(remember, "Amina", place="Riverside")
    assert done == []
    assert run_waiting() == ["tests.jobs.test_jobs.remember"]
    assert done == [("Amina", "Riverside")]
    assert run_waiting() == []


@pytest.mark.django_db
def test_a_job_may_defer_another():
    jobs.defer(defer_another, "Bao")
    run_waiting()
    assert done == [("Bao", "")]


@pytest.mark.django_db
def test_a_job_for_later_waits_for_its_moment():
    soon = timezone.now() + timedelta(hours=1)
    jobs.defer_at(soon, remember, "Amina")
    assert run_waiting() == []
    assert run_waiting(at=soon) == ["tests.jobs.test_jobs.remember"]


@pytest.mark.django_db
def test_a_job_with_a_key_waits_only_once_and_spoils_no_transaction():
    assert jobs.defer_once("reminder", remember, "Amina")
    assert not jobs.defer_once("reminder", remember, "Amina")
    assert len(waiting_jobs()) == 1
    run_waiting()
    assert jobs.defer_once("reminder", remember, "Amina")


@pytest.mark.django_db(transaction=True)
def test_after_a_rollback_there_is_no_job():
    class Undone(Exception):
        pass

    def defer_and_fail():
        jobs.defer(remember, "Amina")
        assert len(waiting_jobs()) == 1
        raise Undone

    with pytest.raises(Undone), transaction.atomic():
        defer_and_fail()
    assert waiting_jobs() == []


@pytest.mark.django_db
def test_a_wrong_argument_is_refused_when_it_is_deferred():
    with pytest.raises(TypeError, match="unexpected keyword argument 'town'"):
        jobs.defer(remember, "Amina", town="Riverside")


def test_a_function_that_is_no_job_cannot_be_deferred():
    with pytest.raises(TypeError, match=r"decorate it with @jobs\.job"):
        jobs.defer(nothing_done)


@pytest.mark.django_db
def test_a_job_still_runs_at_once_when_it_is_called():
    remember("Amina", place="here")
    assert done == [("Amina", "here")]


def test_a_job_for_every_minute_is_known_to_the_worker():
    known = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert known["tests.jobs.test_jobs.look_around"] == "* * * * *"
    app.tasks["tests.jobs.test_jobs.look_around"](timestamp=0)
    assert looked == ["around"]


@pytest.mark.django_db
def test_failures_are_forgotten_after_a_month():
    jobs.defer(remember, "Amina")
    jobs.defer(remember, "Bao")
    jobs.defer(remember, "Chidi")
    old, recent, waiting = (job.pk for job in ProcrastinateJob.objects.order_by("pk"))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id IN (%s, %s)", [old, recent])
        cursor.execute("UPDATE procrastinate_events SET at = at - interval '31 days' WHERE job_id <> %s", [recent])
    forget_old_failures()
    assert set(ProcrastinateJob.objects.values_list("pk", flat=True)) == {recent, waiting}


@pytest.mark.django_db
def test_sessions_that_ended_are_forgotten_every_night():
    for key, days in [("ended", -1), ("open", 1)]:
        Session.objects.create(session_key=key, session_data="", expire_date=timezone.now() + timedelta(days=days))
    forget_ended_sessions()
    assert [session.pk for session in Session.objects.all()] == ["open"]


@pytest.mark.django_db(transaction=True)
def test_the_worker_does_what_waits_and_forgets_it():
    jobs.defer(remember, "before it started")
    with working():
        wait_until(lambda: len(done) == 1, what="the waiting job")
        jobs.defer(remember, "while it works")
        wait_until(lambda: len(done) == 2, what="the new job")
        wait_until(lambda: not _statuses(), what="done jobs to leave the queue")
        assert is_any_alive()
    assert threading.active_count() == len([t for t in threading.enumerate() if t.name != "worker"])


@pytest.mark.django_db(transaction=True)
def test_a_job_that_fails_is_tried_again(fake_time):
    jobs.defer(fail_twice, "Amina")
    with working():
        wait_until(lambda: len(done) == 3, what="the third try")
    assert _statuses() == []


@pytest.mark.django_db(transaction=True)
def test_a_job_that_failed_is_named_in_the_log_without_its_arguments(caplog):
    jobs.defer(fail_with, "amina@example.org")
    with working():
        wait_until(lambda: _statuses() == ["failed"], what="the job to fail")
    assert "Job tests.jobs.test_jobs.fail_with failed." in caplog.messages
    ours = [record for record in caplog.records if record.name.startswith(("jobs", "folkmoot"))]
    assert ours
    assert not any("amina" in record.getMessage() for record in ours)


@pytest.mark.django_db(transaction=True)
def test_a_job_whose_worker_was_killed_is_begun_again():
    jobs.defer(remember, "Amina")
    with connection.cursor() as cursor:  # as a killed worker leaves it behind
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")
    with working():
        wait_until(lambda: done == [("Amina", "")], what="the lost job")


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_loses_the_database_goes_on_when_it_is_back(monkeypatch):
    monkeypatch.setattr("jobs.worker.PAUSE_AFTER_FAILURE", 0.1)
    with working():
        wait_until(is_any_alive, what="the worker to start")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        jobs.defer(remember, "Amina")
        wait_until(lambda: done == [("Amina", "")], what="the job after the interruption")


def test_stopping_a_worker_that_never_started_does_nothing():
    Worker().stop()
    assert not any(thread.name == "worker" for thread in threading.enumerate())


def test_a_worker_that_is_stopped_at_once_ends(db):
    async def start_and_stop():
        worker = Worker()
        await asyncio.wait_for(worker.run(on_ready=worker.stop), 20)

    asyncio.run(start_and_stop())


def _statuses():
    with connection.cursor() as cursor:
        cursor.execute("SELECT status::text FROM procrastinate_jobs WHERE NOT args ? 'timestamp' ORDER BY id")
        return [status for (status,) in cursor.fetchall()]
