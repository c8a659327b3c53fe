from django.db import migrations
from django.db.models import F


def seat_everybody(apps, schema_editor):
    """Whoever came or spoke is an attendee; a number of people that was asked for is a fixed quorum."""
    Attendee = apps.get_model("meetings", "Attendee")
    for name in ("Attendance", "SpeakerEntry"):
        for row in apps.get_model("meetings", name).objects.order_by("pk"):
            attendee, _made = Attendee.objects.get_or_create(
                meeting_id=row.meeting_id,
                membership_id=row.membership_id,
                defaults={"created_at": getattr(row, "began_at", None) or row.asked_at},
            )
            row.attendee = attendee
            row.save(update_fields=["attendee"])
    apps.get_model("meetings", "Attendance").objects.exclude(ended_at=None).update(end="departed")
    entries = apps.get_model("meetings", "SpeakerEntry").objects
    entries.filter(state="speaking").update(running_since=F("started_at"))
    for spoken in entries.filter(state="finished", ended_at__isnull=False, started_at__isnull=False):
        spoken.spoken_seconds = int((spoken.ended_at - spoken.started_at).total_seconds())
        spoken.save(update_fields=["spoken_seconds"])
    apps.get_model("meetings", "Meeting").objects.exclude(quorum_needed=None).update(quorum_base="fixed")
    apps.get_model("meetings", "AgendaItem").objects.filter(state="current").update(running_since=F("started_at"))


class Migration(migrations.Migration):
    dependencies = [("meetings", "0002_whole_meetings")]

    operations = [migrations.RunPython(seat_everybody, migrations.RunPython.noop)]
