import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import proposals.models.proposals


class Migration(migrations.Migration):
    dependencies = [
        ("proposals", "0018_area_turnout"),
    ]

    operations = [
        migrations.AddField(
            model_name="proposal",
            name="draft_until",
            field=models.DateTimeField(default=proposals.models.proposals.draft_end),
        ),
        migrations.AddField(
            model_name="proposal",
            name="latitude",
            field=models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True),
        ),
        migrations.AddField(
            model_name="proposal",
            name="longitude",
            field=models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True),
        ),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("latitude__isnull", True), ("longitude__isnull", True)),
                    models.Q(
                        ("latitude__isnull", False),
                        ("latitude__range", (-90, 90)),
                        ("longitude__isnull", False),
                        ("longitude__range", (-180, 180)),
                    ),
                    _connector="OR",
                ),
                name="proposals_proposal_place_on_earth",
            ),
        ),
        migrations.CreateModel(
            name="Photo",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("key", models.CharField(max_length=64)),
                ("alt", models.CharField(max_length=200, verbose_name="what one sees on it")),
                ("position", models.PositiveSmallIntegerField()),
                ("content", models.BinaryField()),
                ("small", models.BinaryField()),
                ("width", models.PositiveIntegerField()),
                ("height", models.PositiveIntegerField()),
                ("uploaded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ("hidden_at", models.DateTimeField(blank=True, null=True)),
                ("hidden_reason", models.TextField(blank=True)),
                (
                    "proposal",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="photos", to="proposals.proposal"
                    ),
                ),
            ],
            options={
                "ordering": ["position", "uploaded_at"],
            },
        ),
        migrations.AddConstraint(
            model_name="photo",
            constraint=models.UniqueConstraint(fields=("proposal", "key"), name="proposals_photo_sent_once"),
        ),
        migrations.AddConstraint(
            model_name="photo",
            constraint=models.CheckConstraint(
                condition=models.Q(("alt", ""), _negated=True), name="proposals_photo_said_in_words"
            ),
        ),
        migrations.AddConstraint(
            model_name="photo",
            constraint=models.CheckConstraint(
                condition=models.Q(("height__gt", 0), ("width__gt", 0)), name="proposals_photo_has_size"
            ),
        ),
        migrations.AddConstraint(
            model_name="photo",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("hidden_at__isnull", True), models.Q(("hidden_reason", ""), _negated=True), _connector="OR"
                ),
                name="proposals_photo_hidden_has_reason",
            ),
        ),
    ]
