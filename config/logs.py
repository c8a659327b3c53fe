# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is written down about running: which route, how long, what failed. Never who, from where, or with what."""

import re
import secrets
import time
from collections.abc import Callable
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponse
from structlog.typing import EventDict, Processor

QUIET = ("/healthz",)  # asked every few seconds
PERSONAL = [
    (re.compile(r"[^\s\"'<>()=,;:]+@[^\s\"'<>()=,;:]+"), "[e-mail]"),
    (re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b"), "[address]"),
    (re.compile(r"(?<![\w:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}(?![\w:])", re.IGNORECASE), "[address]"),
    (re.compile(r"\?[^\s\"'=]+=[^\s\"']*"), "?[query]"),
    (re.compile(r"^(\s*DETAIL:).*$", re.MULTILINE), r"\1 [row]"),  # PostgreSQL quotes the refused row
]

logger = structlog.get_logger("folkmoot.requests")


def configuration(*, as_json: bool) -> dict[str, Any]:
    """The setting LOGGING: one line for each event on standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    renderer: Processor = (
        structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [*shared, without_path],
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, without_persons, renderer],
            }
        },
        "handlers": {"standard error": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["standard error"], "level": "INFO"},
        "loggers": {
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.request": {"level": "ERROR"},  # the rest is in our own line
            "uvicorn": {"level": "ERROR"},  # who hangs up or talks nonsense is no news
            "fido2": {"level": "WARNING"},  # it writes which passkey signed in
            "procrastinate": {"level": "CRITICAL"},  # it writes arguments; jobs.worker says what failed
            "asyncio": {"level": "WARNING"},
        },
    }


def without_path(_: Any, __: str, event: EventDict) -> EventDict:
    """Django's lines about a request keep their title, not the address that was asked for."""
    record = event.get("_record")
    if record is not None and hasattr(record, "request"):
        event["event"] = str(event["event"]).partition(":")[0]
    return event


def without_persons(_: Any, __: str, event: EventDict) -> EventDict:
    """Whatever text comes along, also in a traceback: no e-mail address, network address, query or row."""
    return {name: _scrubbed(value) for name, value in event.items()}


def _scrubbed(value: object) -> object:
    if isinstance(value, int | float | bool | None):
        return value
    text = str(value)
    for pattern, instead in PERSONAL:
        text = pattern.sub(instead, text)
    return text


class RequestLogMiddleware:
    """Every answer has a request number, and one line in the log under the same number."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = secrets.token_hex(6)
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request=number):
            response = self.get_response(request)
            if request.path not in QUIET:
                logger.info(
                    "answered",
                    method=request.method,
                    route=request.resolver_match.view_name if request.resolver_match else None,
                    status=response.status_code,
                    milliseconds=round((time.perf_counter() - started) * 1000),
                )
        response["X-Request-ID"] = number
        return response
