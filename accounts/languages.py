# SPDX-License-Identifier: AGPL-3.0-or-later
"""The language that a browser is answered in: kept in a cookie, and with the account of who signs in."""

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import check_for_language


def is_offered(language: str) -> bool:
    return language in dict(settings.LANGUAGES) and check_for_language(language)


def remember_language(response: HttpResponse, language: str) -> None:
    """The browser is answered in this language from the next page on, for a year."""
    if is_offered(language):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            httponly=True,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )
