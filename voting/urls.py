# SPDX-License-Identifier: AGPL-3.0-or-later
from django.urls import path

from . import views
from .guide import views as guide

app_name = "voting"
urlpatterns = [
    path("rules/", guide.rules, name="rules"),
    path("rules/<slug:rule>/", guide.rule, name="rule"),
    path("polls/<uuid:poll_id>/", views.poll, name="poll"),
    path("polls/<uuid:poll_id>/review/", views.review, name="review"),
    path("polls/<uuid:poll_id>/cast/", views.cast, name="cast"),
    path("polls/<uuid:poll_id>/receipt/", views.receipt, name="receipt"),
    path("polls/<uuid:poll_id>/result/", views.result, name="result"),
    path("polls/<uuid:poll_id>/close/", views.close, name="close"),
    path("polls/<uuid:poll_id>/publish/", views.publish, name="publish"),
    path("polls/<uuid:poll_id>/void/", views.void, name="void"),
]
