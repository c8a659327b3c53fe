import pytest
from django.test import Client

from assemblies import panels
from assemblies.models import Assembly, Invitation, Membership, Role
from tests.make import make_assembly, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def no_panels(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other app shows anything on the home page."""
    for frame in ("assembly.hero", "assembly.home"):
        monkeypatch.setitem(panels._frames, frame, [])


def test_the_only_assembly_is_the_first_page(client: Client, riverside: Assembly) -> None:
    assert client.get("/")["Location"] == "/a/riverside/"


def test_who_sees_several_gets_a_list(client: Client, riverside: Assembly, chidi: Membership) -> None:
    client.force_login(chidi.user)
    page = client.get("/").content.decode()
    assert "Your assemblies" in page
    assert page.index("Harbour Co-op") < page.index("Riverside")


def test_amina_and_visitors_do_not_see_the_co_op(client: Client, amina: Membership, chidi: Membership) -> None:
    make_assembly("Eastside")
    for user in (None, amina.user):
        if user:
            client.force_login(user)
        page = client.get("/").content.decode()
        assert "Riverside" in page
        assert "Harbour" not in page
        assert client.get("/a/harbour/").status_code == 404


def test_where_all_is_private_a_visitor_is_asked_to_sign_in(client: Client, harbour: Assembly) -> None:
    assert "Sign in to see your assemblies" in client.get("/").content.decode()


@pytest.mark.usefixtures("no_panels")
def test_an_empty_home_says_so(client: Client, amina: Membership) -> None:
    client.force_login(amina.user)
    page = client.get("/a/riverside/").content.decode()
    assert "Nothing to do now" in page
    assert "<h1>Riverside</h1>" in page


@pytest.mark.usefixtures("no_panels")
def test_what_other_apps_register_stands_there_in_order(
    client: Client, riverside: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    panels.register("assembly.home", name="late", order=60, render=lambda *_: "<section>late</section>")
    panels.register("assembly.home", name="early", order=10, render=lambda *_: "<section>early</section>")
    panels.register("assembly.home", name="silent", order=1, render=lambda *_: " ")
    panels.register("assembly.hero", name="quiet", order=1, render=lambda *_: "")
    panels.register("assembly.hero", name="budget", order=2, render=lambda _, page: f"<h1>{page['assembly']} now</h1>")
    panels.register("assembly.hero", name="second", order=3, render=lambda *_: "<h1>never</h1>")
    page = client.get("/a/riverside/").content.decode()
    assert "<h1>Riverside now</h1>" in page
    assert "never" not in page
    assert page.index("<section>early") < page.index("<section>late")
    assert "Nothing to do now" not in page


def test_a_panel_registers_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(panels._frames, "test.frame", [])
    for text in ("old", "new"):
        panels.register("test.frame", name="one", order=1, render=lambda _, __, text=text: text)  # type: ignore[misc]
    assert [panel.render(None, {}) for panel in panels.panels_of("test.frame")] == ["new"]  # type: ignore[arg-type]


@pytest.mark.usefixtures("no_panels")
def test_an_administrator_who_is_alone_reads_the_first_steps(client: Client, riverside: Assembly) -> None:
    adela = make_member(riverside, "Adéla", Role.ADMINISTRATOR)
    client.force_login(adela.user)
    assert "Your first steps" in client.get("/a/riverside/").content.decode()
    make_member(riverside, "Neighbour")
    assert "Your first steps" not in client.get("/a/riverside/").content.decode()


def test_what_people_wrote_about_themselves_is_text(client: Client, riverside: Assembly) -> None:
    riverside.about = "We meet <script>alert(1)</script>\n\nEvery month."
    riverside.save()
    page = client.get("/a/riverside/").content.decode()
    assert "&lt;script&gt;" in page
    assert "<p>Every month.</p>" in page


def test_an_invitation_waits_on_the_first_page(client: Client, riverside: Assembly, amina: Membership) -> None:
    harbour = make_assembly("Harbour Co-op", slug="harbour", is_public=False)
    invitation = Invitation.objects.create(assembly=harbour, email=amina.user.email)
    client.force_login(amina.user)
    page = client.get("/").content.decode()
    assert "You are invited to Harbour Co-op" in page
    assert str(invitation.pk) in page


def test_the_home_page_costs_few_queries(
    client: Client, amina: Membership, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    client.force_login(amina.user)
    with django_assert_max_num_queries(25):  # type: ignore[operator]  # the other apps' panels are in it
        client.get("/a/riverside/")
