# SPDX-License-Identifier: AGPL-3.0-or-later
from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"

    def ready(self) -> None:
        from meetings.owner import MeetingOwner
        from voting import owners

        owners.register("meeting", MeetingOwner())
