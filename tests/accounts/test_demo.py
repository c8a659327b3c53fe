from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core import mail
from django.core.mail import EmailMessage, get_connection
from django.test import Client

from accounts.models import User
from assemblies.models import Assembly, Membership, Role
from tests.make import make_member, make_user

pytestmark = pytest.mark.django_db
PAGES = ["/demo/", "/demo/mail/", "/demo/mail/20260101-120000-1-0/"]


@pytest.fixture
def demo(settings: LazySettings, tmp_path: Path) -> None:
    """This installation is a demo whose mails are kept in files."""
    settings.DEMO = True
    settings.REQUIRE_SECOND_FACTOR = False
    settings.EMAIL_FILE_PATH = tmp_path
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"


@pytest.fixture
def people(riverside: Assembly, harbour: Assembly) -> dict[str, User]:
    """Some of the invented people, and one real person."""
    made = {
        "amina": make_user("Amina", email="amina@riverside.demo", language="es"),
        "bao": make_user("Bao", email="bao@riverside.demo"),
        "chidi": make_user("Chidi", email="chidi@harbour.demo"),
        "real": make_user("Rita", email="rita@example.org"),
    }
    make_member(riverside, user=made["amina"])
    make_member(riverside, user=made["real"])
    make_member(harbour, user=made["chidi"])
    membership = make_member(riverside, user=made["bao"])
    membership.roles = [Role.FACILITATOR]
    membership.save()
    return made


@pytest.mark.parametrize("page", PAGES)
def test_without_demo_the_pages_do_not_exist(client: Client, people: dict[str, User], page: str) -> None:
    assert client.get(page).status_code == 404


def test_without_demo_nobody_signs_in_without_a_code(client: Client, people: dict[str, User]) -> None:
    assert client.post("/demo/sign-in/", {"email": "bao@riverside.demo"}).status_code == 404
    assert "_auth_user_id" not in client.session


@pytest.mark.usefixtures("demo")
def test_everybody_chooses_whom_to_be(client: Client, people: dict[str, User]) -> None:
    page = client.get("/demo/").content.decode()
    for sentence in ("Facilitators run meetings", "Residents send in ideas", "private co-op"):
        assert sentence in page
    assert "bao@riverside.demo" in page
    assert "rita@example.org" not in page


@pytest.mark.usefixtures("demo")
def test_one_button_signs_in_in_the_persons_language(client: Client, people: dict[str, User]) -> None:
    response = client.post("/demo/sign-in/", {"email": "amina@riverside.demo"})
    assert response["Location"] == "/"
    assert client.session["_auth_user_id"] == str(people["amina"].pk)
    assert client.get("/help/").headers["Content-Language"] == "es"


@pytest.mark.usefixtures("demo")
def test_staff_of_the_demo_act_without_a_second_factor(client: Client, people: dict[str, User]) -> None:
    membership = Membership.objects.get(user=people["bao"])
    membership.roles = [Role.ADMINISTRATOR]
    membership.save()
    client.post("/demo/sign-in/", {"email": "bao@riverside.demo"})
    assert client.get("/a/riverside/members/").status_code == 200


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("email", ["rita@example.org", "nobody@riverside.demo", ""])
def test_nobody_signs_in_as_a_real_person(client: Client, people: dict[str, User], email: str) -> None:
    assert client.post("/demo/sign-in/", {"email": email}).status_code == 404
    assert "_auth_user_id" not in client.session


@pytest.mark.usefixtures("demo")
def test_a_banner_on_each_page_says_that_this_is_a_demo(client: Client, people: dict[str, User]) -> None:
    for page in ("/help/", "/sign-in/", "/demo/", "/a/riverside/"):
        text = client.get(page).content.decode()
        assert "Nothing here is real" in text
        assert 'href="/demo/"' in text
        assert 'href="/demo/mail/"' in text


def test_without_demo_there_is_no_banner(client: Client) -> None:
    assert "demo" not in client.get("/help/").content.decode().lower()


@pytest.mark.usefixtures("demo")
def test_caught_mails_are_listed_newest_first_and_can_be_read(client: Client, settings: LazySettings) -> None:
    assert "No mail was sent yet" in client.get("/demo/mail/").content.decode()
    connection = get_connection(settings.EMAIL_BACKEND)
    first = EmailMessage("First", "Read https://example.org/ <b>now</b>", to=["a@example.org"], connection=connection)
    second = EmailMessage("Seconde ü", "Ünïcode", to=["b@example.org"], connection=connection)
    assert connection.send_messages([first, second]) == 2
    listing = client.get("/demo/mail/").content.decode()
    assert listing.index("Seconde ü") < listing.index("First")
    shown = client.get("/demo/mail/").context["mails"]
    page = client.get(f"/demo/mail/{shown[1].name}/").content.decode()
    assert 'href="https://example.org/"' in page
    assert "&lt;b&gt;now&lt;/b&gt;" in page
    assert "Ünïcode" in client.get(f"/demo/mail/{shown[0].name}/").content.decode()
    assert client.get("/demo/mail/20260101-120000-1-0/").status_code == 404


@pytest.mark.usefixtures("demo")
def test_the_code_of_a_sign_in_can_be_read_there(client: Client, settings: LazySettings) -> None:
    client.post("/sign-in/", {"email": "new@example.org"})
    assert mail.outbox == []
    assert "is your sign-in code" in client.get("/demo/mail/").content.decode()
