# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where polls are run. Part of voting's own addresses."""

from django.urls import path

from . import desk_acts, desk_views, trustee_views

urlpatterns = [
    path("a/<slug:slug>/polls/", desk_views.polls, name="polls"),
    path("a/<slug:slug>/polls/new/", desk_views.make_poll, name="make_poll"),
    path("polls/<uuid:poll_id>/desk/", desk_views.desk, name="desk"),
    path("polls/<uuid:poll_id>/desk/change/", desk_views.change_poll, name="change_poll"),
    path("polls/<uuid:poll_id>/desk/preview/", desk_views.preview_poll, name="preview_poll"),
    path("polls/<uuid:poll_id>/desk/ready/", desk_views.mark_ready, name="mark_ready"),
    path("polls/<uuid:poll_id>/desk/draft/", desk_views.back_to_draft, name="back_to_draft"),
    path("polls/<uuid:poll_id>/desk/discard/", desk_views.discard_poll, name="discard_poll"),
    path("polls/<uuid:poll_id>/open/", desk_acts.open_poll, name="open_poll"),
    path("polls/<uuid:poll_id>/close/", desk_acts.close, name="close"),
    path("polls/<uuid:poll_id>/publish/", desk_acts.publish, name="publish"),
    path("polls/<uuid:poll_id>/void/", desk_acts.void, name="void"),
    path("polls/<uuid:poll_id>/remove/", desk_acts.remove_ballot, name="remove_ballot"),
    path("polls/<uuid:poll_id>/trustees/", trustee_views.trustees, name="trustees"),
    path("polls/<uuid:poll_id>/trustees/name/", trustee_views.name_trustee, name="name_trustee"),
    path("polls/<uuid:poll_id>/trustees/key/", trustee_views.make_key, name="make_key"),
    path("polls/<uuid:poll_id>/trustees/try/", trustee_views.prove_key, name="prove_key"),
    path("polls/<uuid:poll_id>/trustees/enter/", trustee_views.enter_key, name="enter_key"),
    path("polls/<uuid:poll_id>/trustees/<uuid:trustee_id>/drop/", trustee_views.drop_trustee, name="drop_trustee"),
]
