# SPDX-License-Identifier: AGPL-3.0-or-later
"""The addresses of minutes, as part of those of meetings."""

from django.urls import path

from meetings.views import minutes

urlpatterns = [
    path("a/<slug:slug>/minutes/", minutes.minutes_list, name="minutes_list"),
    path("meetings/<uuid:meeting_id>/minutes/", minutes.minutes, name="minutes"),
    path("meetings/<uuid:meeting_id>/minutes/draft/", minutes.draft, name="draft_minutes"),
    path("meetings/<uuid:meeting_id>/minutes/write/", minutes.write, name="write_minutes"),
    path("meetings/<uuid:meeting_id>/minutes/sign/", minutes.sign, name="sign_minutes"),
    path("meetings/<uuid:meeting_id>/minutes/approve/", minutes.approve, name="approve_minutes"),
    path("meetings/<uuid:meeting_id>/minutes/versions/", minutes.versions, name="minutes_versions"),
    path("meetings/<uuid:meeting_id>/minutes/versions/<int:number>/", minutes.version, name="minutes_version"),
    path("meetings/<uuid:meeting_id>/minutes/print/", minutes.printed, name="minutes_printed"),
    path("meetings/<uuid:meeting_id>/minutes.md", minutes.as_markdown, name="minutes_markdown"),
    path("meetings/<uuid:meeting_id>/minutes.json", minutes.as_json, name="minutes_json"),
]
