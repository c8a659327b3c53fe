# SPDX-License-Identifier: AGPL-3.0-or-later
from django.urls import path

from live import views

app_name = "live"
urlpatterns = [
    path("live/<str:name>/<str:id>/", views.frame, name="frame"),
]
