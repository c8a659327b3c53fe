"""Where Folkmoot may be reached, and that the demo never is where strangers are."""

import os
import stat
import subprocess
import sys

import pytest
from django.core.checks import run_checks

from config import hosts
from config.readiness import demo_trouble
from config.secret import read_or_make_secret
from tests.config.conftest import ROOT

PRIVATE = ["127.0.0.1", "[::1]", "localhost", "folkmoot.local", "192.168.1.20", "10.0.0.5", "172.16.3.4", "[fd00::1]"]
PUBLIC = ["vote.example", "8.8.8.8", "[2001:4860:4860::8888]", "myserver", "*", "172.32.0.1"]


@pytest.mark.parametrize("host", PRIVATE)
def test_this_machine_and_private_networks_are_not_public(host):
    assert not hosts.is_public(host)


@pytest.mark.parametrize("host", [host for host in PUBLIC if host != "*"])
def test_every_other_name_and_address_is_public(host):
    assert hosts.is_public(host)


def test_serving_this_machine_accepts_its_own_names_only():
    assert hosts.local_hosts("127.0.0.1") == ["localhost", "127.0.0.1", "[::1]"]


def test_serving_the_network_accepts_the_address_that_phones_use(monkeypatch):
    monkeypatch.setattr(hosts, "network_address", lambda: "192.168.1.20")
    assert "192.168.1.20" in hosts.local_hosts("0.0.0.0")  # noqa: S104
    monkeypatch.setattr(hosts, "network_address", lambda: None)
    assert hosts.local_hosts("0.0.0.0") == ["localhost", "127.0.0.1", "[::1]"]  # noqa: S104


@pytest.mark.parametrize("host", PUBLIC)
def test_the_demo_refuses_a_public_host(settings, host):
    settings.DEMO, settings.ALLOWED_HOSTS = True, ["localhost", host]
    found = [problem for problem in run_checks() if problem.id == "config.E001"]
    assert len(found) == 1
    assert "set DEMO=0" in found[0].msg


@pytest.mark.parametrize("host", PRIVATE)
def test_the_demo_runs_on_this_machine_and_in_private_networks(host):
    assert demo_trouble(demo=True, hosts=[host], listens_on="127.0.0.1") is None


def test_without_the_demo_every_host_is_fine(settings):
    settings.DEMO, settings.ALLOWED_HOSTS = False, ["vote.example"]
    assert not [problem for problem in run_checks() if problem.id == "config.E001"]


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path):
    file = tmp_path / "var" / "secret_key"
    secret = read_or_make_secret(file)
    assert len(secret) >= 50
    assert read_or_make_secret(file) == secret
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


PRODUCTION = {
    "PUBLIC_URL": "https://vote.example",
    "DATABASE_URL": "postgres://folkmoot:none@database/folkmoot",
    "REDIS_URL": "redis://channels:6379/0",
    "EMAIL_URL": "smtp+tls://folkmoot:none@mail.example:587",
    "MAIL_FROM": "Folkmoot <no-reply@vote.example>",
    "HOST": "0.0.0.0",  # noqa: S104
}


def manage(*arguments, **environment):
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=kept | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_settings_of_a_public_installation_pass_djangos_own_checks(tmp_path):
    done = manage("check", "--deploy", "--fail-level", "WARNING", VAR_DIR=str(tmp_path), **PRODUCTION)
    assert done.returncode == 0, done.stderr
    assert "no issues (0 silenced)" in done.stdout


def test_commands_that_need_no_database_start_none(tmp_path):
    for command in (["check"], ["makemigrations", "--check", "--dry-run"], ["help"]):
        done = manage(*command, VAR_DIR=str(tmp_path))
        assert (done.returncode, done.stderr) == (0, ""), command
    assert not (tmp_path / "postgres").exists()
