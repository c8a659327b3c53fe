# SPDX-License-Identifier: AGPL-3.0-or-later
from django.urls import URLPattern, path

from . import map_views, views

app_name = "assemblies"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("setup/", views.set_up, name="set_up"),
    path("help/", views.help_page, name="help"),
    path("invitations/<uuid:invitation_id>/", views.invitation, name="invitation"),
    path("a/<slug:slug>/", views.home, name="home"),
    path("a/<slug:slug>/map.svg", views.town_map, name="map"),
    path("a/<slug:slug>/map.geojson", map_views.map_file, name="map_file"),
    path("a/<slug:slug>/map/", map_views.edit_map, name="edit_map"),
    path("a/<slug:slug>/map/draw/", map_views.draw_map, name="draw_map"),
    path("a/<slug:slug>/map/remove/", map_views.remove_map, name="remove_map"),
    path("a/<slug:slug>/join/", views.join, name="join"),
    path("a/<slug:slug>/settings/", views.settings, name="settings"),
    path("a/<slug:slug>/members/", views.members, name="members"),
    path("a/<slug:slug>/members/invite/", views.invite, name="invite"),
    path(
        "a/<slug:slug>/members/invitations/<uuid:invitation_id>/withdraw/",
        views.withdraw_invitation,
        name="withdraw_invitation",
    ),
    path("a/<slug:slug>/members/<uuid:membership_id>/", views.member, name="member"),
    path("a/<slug:slug>/members/<uuid:membership_id>/give/", views.give_role, name="give_role"),
    path("a/<slug:slug>/members/<uuid:membership_id>/take/", views.take_role, name="take_role"),
    path("a/<slug:slug>/members/<uuid:membership_id>/verify/", views.verify_member, name="verify_member"),
]
