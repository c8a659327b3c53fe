"""The people of the tests: Amina lives in Riverside, Bao facilitates it, Chidi belongs elsewhere and sees nothing."""

import os
from collections.abc import Iterator
from typing import Any

import pgtrigger
import pytest
from asgiref.sync import SyncToAsync
from django.core.cache import cache
from django.core.management.commands import flush
from django.db import connections
from django.db.backends.postgresql.creation import DatabaseCreation
from django.test import override_settings
from django.utils import timezone, translation

from assemblies.models import Assembly, Membership, Role
from tests.make import make_assembly, make_member
from tests.own_database import django_db_modify_db_settings, pytest_sessionstart  # noqa: F401 - a fixture, a hook
from tests.proposals.pb_files import FILES, FOLDER
from tests.side_by_side import pytest_collection_modifyitems, pytest_xdist_make_scheduler  # noqa: F401 - hooks

ABOUT_THE_MODELS = ("django_migrations", "django_content_type", "auth_permission")


@pytest.fixture(autouse=True)
def fresh_rate_limits() -> Iterator[None]:
    """What one test asked for never counts against the next."""
    yield
    cache.clear()


@pytest.fixture(autouse=True)
def the_language_and_the_clock_of_the_house() -> None:
    """A page that one test read in Spanish leaves no Spanish behind in this thread."""
    translation.deactivate()
    timezone.deactivate()


@pytest.fixture(autouse=True)
def no_connection_kept_by_the_thread_of_async_tests() -> Iterator[None]:
    """The thread in which async tests call Django keeps nothing open: the server would end it before the next one."""
    yield
    SyncToAsync.single_thread_executor.submit(connections.close_all).result()


@pytest.fixture(autouse=True)
def who_runs_a_meeting_has_shown_who_they_are(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """On entering the cockpit, once for the evening; `asks_for_proof` marks the tests that come without."""
    if not request.node.get_closest_marker("asks_for_proof"):
        monkeypatch.setattr("accounts.fresh_proof.is_there_in", lambda room, request, user: True)


@pytest.fixture(scope="session")
def real_files() -> None:
    """The folder of real elections, which is not ours to hand on."""
    if not FILES:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{FOLDER} holds no .pb files, and in CI they are needed.")
        pytest.skip(f"{FOLDER} holds no .pb files: set PB_FOLDER to a folder with files from pabulib.org.")


@pytest.fixture(scope="session", autouse=True)
def keys_of_their_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Ballot boxes of tests never touch the keys of an installation."""
    with override_settings(KEYS_DIR=tmp_path_factory.mktemp("keys")):
        yield


@pytest.fixture(scope="session", autouse=True)
def no_browser_of_a_test_looks_through_all_static_files() -> Iterator[None]:
    """WhiteNoise would, once for each; so it looks for the one that is asked for."""
    with override_settings(WHITENOISE_AUTOREFRESH=True):
        yield


@pytest.fixture(scope="session", autouse=True)
def only_tests_may_empty_append_only_tables() -> Iterator[None]:
    """Tests with real transactions empty every table afterwards, and some tables refuse that to everybody else.

    Tables in which nothing was ever written are left alone, and so are those that only describe the models.
    """
    handle = flush.Command.handle

    def written_to(*arguments: Any, **options: Any) -> list[str]:
        with connections["default"].cursor() as cursor:
            cursor.execute(
                "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
                " AND pg_relation_size(oid) > 0"
            )
            return [name for (name,) in cursor.fetchall() if name not in ABOUT_THE_MODELS]

    def with_triggers_ignored(*arguments: Any, **options: Any) -> Any:
        with connections["default"].cursor() as cursor:  # envelopes of tests go with their partitions
            cursor.execute(
                "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'voting_envelope'::regclass"
            )
            for (partition,) in cursor.fetchall():
                cursor.execute(f"DROP TABLE {partition}")
            cursor.execute("DELETE FROM procrastinate_jobs")  # which Django does not manage, and so would not empty
        options |= {"allow_cascade": True, "inhibit_post_migrate": True}
        with pgtrigger.ignore(), pytest.MonkeyPatch.context() as patch:
            patch.setattr(connections["default"].introspection, "django_table_names", written_to)
            return handle(*arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush.Command, "handle", with_triggers_ignored)
        yield


@pytest.fixture(scope="session", autouse=True)
def the_test_database_always_goes() -> Iterator[None]:
    """A thread of a server that is still saying goodbye does not keep the database of the tests alive."""

    def drop(creation: DatabaseCreation, name: str, verbosity: int) -> None:
        with creation._nodb_cursor() as cursor:  # type: ignore[attr-defined]
            cursor.execute(f"DROP DATABASE {creation.connection.ops.quote_name(name)} WITH (FORCE)")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseCreation, "_destroy_test_db", drop)
        yield


@pytest.fixture
def riverside(db: None) -> Assembly:
    """A town whose pages everyone may read."""
    return make_assembly("Riverside")


@pytest.fixture
def harbour(db: None) -> Assembly:
    """A co-op whose pages only members may know of."""
    return make_assembly("Harbour Co-op", slug="harbour", is_public=False)


@pytest.fixture
def amina(riverside: Assembly) -> Membership:
    """A verified resident of Riverside."""
    return make_member(riverside, "Amina")


@pytest.fixture
def bao(riverside: Assembly) -> Membership:
    """Riverside's facilitator, a verified resident too."""
    return make_member(riverside, "Bao", Role.FACILITATOR)


@pytest.fixture
def chidi(harbour: Assembly) -> Membership:
    """A member of the Harbour Co-op, a stranger to Riverside."""
    return make_member(harbour, "Chidi")
