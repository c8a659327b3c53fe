# SPDX-License-Identifier: AGPL-3.0-or-later
from django.apps import AppConfig

from . import panels


class AssembliesConfig(AppConfig):
    name = "assemblies"

    def ready(self) -> None:
        from accounts import exports

        from . import my_page

        exports.register("memberships", my_page.export)
        panels.register("accounts.me", name="memberships", order=10, render=my_page.memberships_panel)
        panels.register("accounts.demo", name="people", order=10, render=my_page.demo_people_panel)
