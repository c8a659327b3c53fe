# SPDX-License-Identifier: AGPL-3.0-or-later
import contextlib
import io
import os
import sys
import threading
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

import psycopg
import segno
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.utils.module_loading import import_string

from accounts.demo import demo_people
from assemblies import first_run
from assemblies.models import Membership
from config import readiness, start
from config.database import DatabaseUnreachable, check_reachable, without_password
from config.hosts import EVERYWHERE, network_address
from config.keeper import Keeper
from config.postgres import PostgresFailed
from config.server import Server
from jobs.worker import Worker
from live import hub

PREPARING = 0x466F6C6B  # the advisory lock under which one process migrates while the others wait
PATIENCE_AT_THE_END = 20  # seconds until what still runs after Ctrl-C is cut off


class Command(BaseCommand):
    help = "Serve Folkmoot: database where none is given, pages, live screens and worker, in one process."
    requires_system_checks = []  # said in one sentence instead

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-worker", action="store_true", help="a `manage.py worker` runs elsewhere")
        parser.add_argument("--import-pb", metavar="FILE", help="add this Pabulib file's election before serving")

    def handle(self, *args: Any, **options: Any) -> None:
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(errors="replace", line_buffering=True)  # type: ignore[union-attr]
        try:
            self.check_readiness()
            self.prepare(options["import_pb"])
            self.serve(worker=None if options["no_worker"] else Worker())
        except (readiness.NotReady, DatabaseUnreachable, PostgresFailed, CommandError) as trouble:
            sys.exit(str(trouble))

    # Before

    def check_readiness(self) -> None:
        """Everything that can be known to go wrong was looked at."""
        trouble = readiness.demo_trouble(demo=settings.DEMO, hosts=settings.ALLOWED_HOSTS, listens_on=settings.HOST)
        if trouble:
            raise readiness.NotReady(trouble)
        readiness.check_port(settings.HOST, settings.PORT)
        check_reachable(settings.DATABASE_URL)
        readiness.check_redis(settings.REDIS_URL)
        self.check()

    def prepare(self, election: str | None) -> None:
        """The tables are those of this version, and the demo is in them where it is wanted."""
        self.say(f"Database: {self.database_place()}")
        with one_at_a_time(settings.DATABASE_URL):
            call_command("migrate", interactive=False, verbosity=1 if self.is_empty() else 0)
            if settings.DEMO:
                self.say("Looking after the demo ...")
                call_command("seed_demo")
            if election:
                self.say(f"Importing {election} ...")
                call_command("import_pb", election)
        self.demo_sign_ins = self.list_demo_people() if settings.DEMO else []
        self.setup_code = first_run.setup_code()
        connections.close_all()

    def list_demo_people(self) -> list[str]:
        """One person for each set of roles."""
        of_roles: dict[str, str] = {}
        members = Membership.objects.current().filter(user__in=demo_people()).select_related("user")
        for member in members.order_by("joined_at", "pk"):
            of_roles.setdefault(member.role_names, member.user.email)
        width = max(map(len, of_roles), default=0)
        return [f"  {roles:{width}}   {email}" for roles, email in of_roles.items()]

    def is_empty(self) -> bool:
        with connections["default"].cursor() as cursor:
            return "django_migrations" not in connections["default"].introspection.table_names(cursor)

    def database_place(self) -> str:
        if start.embedded:
            return f"embedded PostgreSQL, data in {start.embedded.data}"
        return without_password(settings.DATABASE_URL)

    # Meanwhile

    def serve(self, *, worker: Worker | None) -> None:
        """Serve until Ctrl-C or SIGTERM; afterwards nothing of it runs."""
        server = Server(
            import_string(settings.ASGI_APPLICATION),
            host=settings.HOST,
            port=settings.PORT,
            before=start_hub,
            after=hub.stop,
            ready=self.say_where,
        )
        keeper = Keeper(start.embedded, give_up=server.end) if start.embedded else None
        if keeper:
            keeper.start()
        if worker:
            worker.start()
        server.run()
        cut_off_later()
        self.say("Stopping ...")
        if worker:
            worker.stop()
        if keeper:
            keeper.stop()
        connections.close_all()
        if isinstance(server.failure, Exception):
            raise readiness.NotReady(readiness.port_sentence(settings.HOST, settings.PORT, server.failure))
        if server.failure:
            raise readiness.NotReady(server.failure)

    # What people see

    def say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()

    def say_where(self) -> None:
        """Addresses, sign-ins, and in the network a picture that phones can read."""
        self.say("")
        if self.setup_code:
            self.say(f"Nothing is set up yet. Open the first page and type this code: {self.setup_code}\n")
        if settings.PUBLIC_URL:
            self.say(f"Folkmoot serves {settings.PUBLIC_URL} on port {settings.PORT}.")
            return
        address = network_address() if settings.HOST in EVERYWHERE else None
        near = "localhost" if settings.HOST in EVERYWHERE | {"127.0.0.1"} else settings.HOST
        self.say(f"Folkmoot is ready:   http://{near}:{settings.PORT}/")
        if address:
            url = f"http://{address}:{settings.PORT}/"
            self.say(f"On your network:     {url}\n")
            picture = io.StringIO()
            segno.make(url, error="m", micro=False).terminal(out=picture, compact=True)
            self.say(picture.getvalue())
        elif settings.HOST in EVERYWHERE:
            self.say("No network found: phones cannot join until this machine is in one.")
        if self.demo_sign_ins:
            self.say("\nIn the demo a button signs you in as anybody, for example:")
            self.say("\n".join(self.demo_sign_ins))
        self.say("\nStop with Ctrl-C.")


async def start_hub() -> None:
    """Announcements from other processes are heard from now on."""
    hub.hub()


@contextlib.contextmanager
def one_at_a_time(url: str) -> Iterator[None]:
    """Of several processes that start together, one prepares the database and the others wait for it."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [PREPARING])
        yield


def cut_off_later() -> None:
    """A request that never ends cannot keep the process alive after Ctrl-C; the embedded database ends with it."""
    timer = threading.Timer(PATIENCE_AT_THE_END, os._exit, [1])
    timer.daemon = True
    timer.start()
