# SPDX-License-Identifier: AGPL-3.0-or-later
from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "meetings"

    def ready(self) -> None:
        import live
        from accounts import exports
        from assemblies import panels
        from live import rights
        from meetings import screens
        from meetings.owner import MeetingOwner
        from meetings.panels import kept_about, next_meeting, with_code
        from meetings.rehearsal import jobs as _jobs_of_rehearsals  # noqa: F401 -- the worker has to know them
        from meetings.services.polls import OWNER_KIND
        from meetings.services.quorum import hear_of_codes
        from voting import owners, voters
        from voting.services import credentials

        owners.register(OWNER_KIND, MeetingOwner())
        panels.register("assembly.home", name="next_meeting", order=30, render=next_meeting)
        panels.register("voting.with_code", name="meeting", order=10, render=with_code)
        exports.register("meetings", kept_about)
        credentials.listen(hear_of_codes)
        rights.accept_papers(voters.credentials_in)
        for topic in screens.TOPICS:
            live.register(topic)
