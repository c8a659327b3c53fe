# SPDX-License-Identifier: AGPL-3.0-or-later
from django.apps import AppConfig


class ProposalsConfig(AppConfig):
    name = "proposals"

    def ready(self) -> None:
        from accounts import exports
        from assemblies import panels as frames
        from voting import owners

        from . import panels
        from .owner import CycleOwner, taken_back

        owners.register("cycle", CycleOwner())
        owners.hide(taken_back)
        frames.register("assembly.hero", name="budget", order=20, render=panels.hero)
        frames.register("assembly.home", name="budget", order=20, render=panels.home)
        frames.register("accounts.me", name="proposals", order=20, render=panels.mine)
        exports.register("proposals", panels.export)
        exports.register("comments", panels.export_comments)
        exports.register("supports", panels.export_supports)
        exports.register("follows", panels.export_follows)
        exports.register("co_sponsorships", panels.export_co_sponsorships)
