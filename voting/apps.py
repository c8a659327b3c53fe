# SPDX-License-Identifier: AGPL-3.0-or-later
from django.apps import AppConfig


class VotingConfig(AppConfig):
    name = "voting"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        import live
        from accounts import exports
        from assemblies import panels

        from . import assembly_polls, desk_views, my_data, owners, screens, voters

        owners.register(assembly_polls.KIND, assembly_polls.AssemblyPolls())
        live.register(screens.POLL_TOPIC)
        panels.register("assembly.home", name="polls", order=25, render=desk_views.home)
        exports.register("polls", my_data.export)
        user_logged_in.connect(voters.forget_code, dispatch_uid="voting.forget_code")
