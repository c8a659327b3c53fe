"""compose.yaml, the image and settings agree, and hold no secret."""

import ast
import re
from typing import Any

import pytest
import yaml

from tests.config.conftest import ROOT

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = ["web", "worker"]
NEEDED_IN_PUBLIC = {"PUBLIC_URL", "DATABASE_URL", "REDIS_URL", "EMAIL_URL", "MAIL_FROM", "HOST", "PORT", "VAR_DIR"}
EXAMPLE = dict(
    line.split("=", 1) for line in (ROOT / ".env.example").read_text().splitlines() if line and not line.startswith("#")
)


def read_by_settings() -> set[str]:
    """Every environment variable that settings.py asks for."""
    calls = [
        node for node in ast.walk(ast.parse((ROOT / "config/settings.py").read_text())) if isinstance(node, ast.Call)
    ]
    return {
        str(call.args[0].value)
        for call in calls
        if isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
        and isinstance(call.args[0], ast.Constant)
    }


def strings(thing: object) -> list[str]:
    """Every text in a piece of YAML, but for the names of its parts."""
    if isinstance(thing, dict):
        return [text for value in thing.values() for text in strings(value)]
    if isinstance(thing, list):
        return [text for value in thing for text in strings(value)]
    return [str(thing)]


def interpolated() -> dict[str, str]:
    """Every ${NAME...} in the file, with what follows the name."""
    return {name: rest for text in strings(COMPOSE) for name, rest in re.findall(r"\$\{(\w+)([^}]*)\}", text)}


def test_it_has_web_worker_database_and_channels():
    assert set(SERVICES) == {"web", "worker", "database", "channels"}
    assert SERVICES["database"]["image"].startswith("postgres:")
    assert SERVICES["channels"]["image"].startswith("valkey/valkey:")
    assert int(SERVICES["database"]["image"].removeprefix("postgres:")) >= 15


@pytest.mark.parametrize("name", OURS)
def test_settings_read_every_variable_that_it_sets(name):
    assert set(SERVICES[name]["environment"]) - read_by_settings() == set()


@pytest.mark.parametrize("name", OURS)
def test_it_sets_every_variable_that_a_public_installation_needs(name):
    assert NEEDED_IN_PUBLIC - set(SERVICES[name]["environment"]) == set()
    assert read_by_settings() >= NEEDED_IN_PUBLIC
    assert "DEMO" not in SERVICES[name]["environment"]
    assert "DEBUG" not in SERVICES[name]["environment"]


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_says_whether_it_is_well_and_comes_back(name):
    assert SERVICES[name]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES[name]["restart"] == "unless-stopped"


def test_web_and_worker_wait_for_what_they_need():
    assert SERVICES["web"]["depends_on"] == {
        "database": {"condition": "service_healthy"},
        "channels": {"condition": "service_healthy"},
    }
    assert SERVICES["worker"]["depends_on"] == {"web": {"condition": "service_healthy"}}


def test_their_commands_exist():
    assert SERVICES["web"]["command"] == ["serve", "--no-worker"]
    for name in OURS:
        assert (ROOT / f"config/management/commands/{SERVICES[name]['command'][0]}.py").exists()
    assert "--is-alive" in SERVICES["worker"]["healthcheck"]["test"]


def test_keys_live_apart_from_the_database_and_outlive_containers():
    assert set(COMPOSE["volumes"]) == {"database", "keys"}
    for name in OURS:
        assert SERVICES[name]["volumes"] == [f"keys:{SERVICES[name]['environment']['VAR_DIR']}"]
    assert SERVICES["database"]["volumes"] == ["database:/var/lib/postgresql"]


def test_the_database_and_channels_are_reachable_from_inside_only():
    assert [name for name in SERVICES if "ports" in SERVICES[name]] == ["web"]
    assert SERVICES["web"]["ports"] == ["127.0.0.1:${PORT:-8000}:8000"]


@pytest.mark.parametrize("name", OURS)
def test_our_containers_have_no_powers(name):
    service = SERVICES[name]
    assert (service["read_only"], service["cap_drop"], service["init"]) == (True, ["ALL"], True)


def test_no_secret_is_written_in_it():
    for text in strings(COMPOSE):
        for password in re.findall(r"://[^:/@\s]*:([^@\s]+)@", re.sub(r"\$\{[^}]*\}", "", text)):
            pytest.fail(f"a password stands in compose.yaml: {password}")
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|KEY|TOKEN", name):
                assert re.fullmatch(r"\$\{\w+:\?[^}]+\}", value), name


def test_what_has_no_default_stops_the_start_with_a_sentence():
    required = {name for name, rest in interpolated().items() if rest.startswith(":?")}
    assert required == {"PUBLIC_URL", "POSTGRES_PASSWORD", "EMAIL_URL", "MAIL_FROM"}
    for name, rest in interpolated().items():
        assert rest.startswith((":?", ":-")), f"{name} would silently be empty"


def test_the_example_of_env_names_everything_and_no_secret():
    assert set(EXAMPLE) == set(interpolated())
    assert EXAMPLE["POSTGRES_PASSWORD"] == EXAMPLE["EMAIL_URL"] == ""


def test_the_databases_log_holds_no_personal_data():
    command = " ".join(SERVICES["database"]["command"])
    for setting in ["log_min_error_statement=panic", "log_error_verbosity=terse", "log_parameter_max_length=0"]:
        assert setting in command


def test_the_image_runs_as_an_ordinary_user_and_holds_no_test_tools():
    image = (ROOT / "Dockerfile").read_text()
    last_stage = image[image.rindex("\nFROM ") :]
    assert re.search(r"^USER folkmoot$", last_stage, re.MULTILINE)
    assert "requirements-dev" not in image
    assert "--require-hashes" in image
    assert "collectstatic" in image
    assert str(SERVICES["web"]["environment"]["VAR_DIR"]) in last_stage


def test_the_image_holds_every_app_and_nothing_private():
    kept = (ROOT / ".dockerignore").read_text().split()
    assert kept[0] == "*"
    apps = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert {f"!{app}" for app in apps} <= set(kept)
    assert not {"!var", "!.env", "!.git", "!tests"} & set(kept)
