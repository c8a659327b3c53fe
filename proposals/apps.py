# SPDX-License-Identifier: AGPL-3.0-or-later
from django.apps import AppConfig


class ProposalsConfig(AppConfig):
    name = "proposals"

    def ready(self) -> None:
        from voting import owners  # models are loaded only now

        from .owner import CycleOwner

        owners.register("cycle", CycleOwner())
