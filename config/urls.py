# SPDX-License-Identifier: AGPL-3.0-or-later
from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("", include("accounts.urls")),
    path("", include("assemblies.urls")),
    path("", include("voting.urls")),
    path("", include("proposals.urls")),
    path("", include("meetings.urls")),
    path("", include("live.urls")),
]
