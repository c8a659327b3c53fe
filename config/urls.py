# SPDX-License-Identifier: AGPL-3.0-or-later
from django.urls import include, path

from accounts.views import set_language
from config.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("", include("accounts.allauth_urls")),
    path("", include("accounts.urls")),
    path("language/", set_language, name="set_language"),
    path("", include("assemblies.urls")),
    path("", include("voting.urls")),
    path("", include("proposals.urls")),
    path("", include("meetings.urls")),
    path("", include("live.urls")),
]

handler500 = "config.errors.broken"
