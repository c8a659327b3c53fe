"""What the environment decides about signing in, read by a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ASK = """
import json
from config import settings as s
print(json.dumps({
    "cache": s.CACHES["default"]["BACKEND"].rsplit(".", 1)[1],
    "proxies": s.ALLAUTH_TRUSTED_PROXY_COUNT,
    "second factor": s.REQUIRE_SECOND_FACTOR,
    "cookie": getattr(s, "SESSION_COOKIE_NAME", "sessionid"),
    "secure": s.SESSION_COOKIE_SECURE,
}))
"""


def settings_with(tmp_path: Path, **environment: str) -> dict[str, object]:
    bare = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}
    answer = subprocess.run(
        [sys.executable, "-c", ASK], cwd=ROOT, env=bare | environment, capture_output=True, text=True, check=True
    )
    return dict(json.loads(answer.stdout))


def test_one_process_on_this_machine(tmp_path: Path) -> None:
    assert settings_with(tmp_path) == {
        "cache": "LocMemCache",
        "proxies": 0,
        "second factor": True,
        "cookie": "sessionid",
        "secure": False,
    }


def test_several_processes_count_tries_together(tmp_path: Path) -> None:
    assert settings_with(tmp_path, REDIS_URL="redis://127.0.0.1:6379/0")["cache"] == "RedisCache"


def test_a_public_installation_trusts_its_one_proxy_and_keeps_cookies_safe(tmp_path: Path) -> None:
    found = settings_with(tmp_path, PUBLIC_URL="https://vote.example")
    assert (found["proxies"], found["cookie"], found["secure"]) == (1, "__Host-sessionid", True)
    assert settings_with(tmp_path, PUBLIC_URL="https://vote.example", TRUSTED_PROXY_COUNT="2")["proxies"] == 2


@pytest.mark.parametrize(("demo", "required"), [("1", False), ("0", True)])
def test_only_a_demo_does_without_second_factors(tmp_path: Path, demo: str, required: bool) -> None:
    assert settings_with(tmp_path, DEMO=demo)["second factor"] is required
