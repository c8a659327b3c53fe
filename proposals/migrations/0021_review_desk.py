import uuid

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("assemblies", "0001_initial"),
        ("proposals", "0020_rules_and_conditions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Assignment",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("assigned_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["assigned_at"],
            },
        ),
        migrations.CreateModel(
            name="Conflict",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("reason", models.CharField(max_length=300, verbose_name="why are you not free to judge?")),
                ("declared_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["declared_at"],
            },
        ),
        migrations.CreateModel(
            name="Department",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "categories",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("streets", "Streets and squares"),
                                ("green", "Parks and trees"),
                                ("wheels", "Cycling and buses"),
                                ("play", "Play and children"),
                                ("learning", "Schools and learning"),
                                ("culture", "Culture"),
                                ("sport", "Sport"),
                                ("care", "Health and care"),
                                ("meeting", "Meeting and making"),
                                ("other", "Something else"),
                            ],
                            max_length=20,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "checklist",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200), blank=True, default=list, size=None
                    ),
                ),
            ],
            options={
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="DeskAct",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-made_at"],
            },
        ),
        migrations.CreateModel(
            name="Estimate",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "feasibility",
                    models.CharField(
                        choices=[("feasible", "Can be built"), ("unfeasible", "Cannot be built")],
                        max_length=10,
                        verbose_name="can it be built?",
                    ),
                ),
                ("cost", models.BigIntegerField(blank=True, null=True, verbose_name="cost")),
                ("public_reason", models.TextField(blank=True, verbose_name="reason, for everybody to read")),
                ("note_internal", models.TextField(blank=True, verbose_name="note for colleagues")),
                (
                    "checked",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=200), blank=True, default=list, size=None
                    ),
                ),
                ("given_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["given_at"],
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("text", models.TextField(max_length=2000, verbose_name="note for colleagues")),
                ("written_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["written_at"],
            },
        ),
        migrations.CreateModel(
            name="ReplyTemplate",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("title", models.CharField(max_length=80, verbose_name="name")),
                ("text", models.TextField(max_length=2000, verbose_name="words")),
            ],
            options={
                "ordering": ["title"],
            },
        ),
        migrations.CreateModel(
            name="ReviewAppeal",
            fields=[
                (
                    "review",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="appeal",
                        serialize=False,
                        to="proposals.review",
                    ),
                ),
                ("text", models.TextField(max_length=2000, verbose_name="what was overlooked?")),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("is_granted", models.BooleanField(blank=True, null=True)),
                ("reason", models.TextField(blank=True, max_length=2000, verbose_name="reason, for everybody to read")),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["made_at"],
            },
        ),
        migrations.CreateModel(
            name="ReviewRule",
            fields=[
                (
                    "cycle",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="review_rule",
                        serialize=False,
                        to="proposals.cycle",
                    ),
                ),
                (
                    "estimates",
                    models.PositiveSmallIntegerField(default=1, verbose_name="people who check each proposal"),
                ),
                (
                    "needs_signature",
                    models.BooleanField(default=False, verbose_name="a second person signs each answer"),
                ),
                ("days", models.PositiveSmallIntegerField(default=21, verbose_name="days until the answer")),
                ("appeal_days", models.PositiveSmallIntegerField(default=14, verbose_name="days for an appeal")),
            ],
        ),
        migrations.AddField(
            model_name="review",
            name="signed_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="assemblies.membership",
            ),
        ),
        migrations.AddConstraint(
            model_name="review",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("signed_by__isnull", True),
                    models.Q(("signed_by", models.F("evaluator")), _negated=True),
                    _connector="OR",
                ),
                name="proposals_review_signed_by_another",
            ),
        ),
        migrations.AddField(
            model_name="assignment",
            name="assigned_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="assemblies.membership"
            ),
        ),
        migrations.AddField(
            model_name="assignment",
            name="evaluator",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="assignments", to="assemblies.membership"
            ),
        ),
        migrations.AddField(
            model_name="assignment",
            name="proposal",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="assignments", to="proposals.proposal"
            ),
        ),
        migrations.AddField(
            model_name="conflict",
            name="evaluator",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="assemblies.membership"
            ),
        ),
        migrations.AddField(
            model_name="conflict",
            name="proposal",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="conflicts", to="proposals.proposal"
            ),
        ),
        migrations.AddField(
            model_name="department",
            name="assembly",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="departments", to="assemblies.assembly"
            ),
        ),
        migrations.AddField(
            model_name="department",
            name="evaluators",
            field=models.ManyToManyField(blank=True, related_name="departments", to="assemblies.membership"),
        ),
        migrations.AddField(
            model_name="assignment",
            name="department",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="proposals.department",
            ),
        ),
        migrations.AddField(
            model_name="deskact",
            name="actor",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="assemblies.membership"
            ),
        ),
        migrations.AddField(
            model_name="deskact",
            name="cycle",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="desk_acts", to="proposals.cycle"
            ),
        ),
        migrations.AddField(
            model_name="assignment",
            name="begun_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="begun",
                to="proposals.deskact",
            ),
        ),
        migrations.AddField(
            model_name="assignment",
            name="ended_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="ended",
                to="proposals.deskact",
            ),
        ),
        migrations.AddField(
            model_name="estimate",
            name="evaluator",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="estimates", to="assemblies.membership"
            ),
        ),
        migrations.AddField(
            model_name="estimate",
            name="proposal",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="estimates", to="proposals.proposal"
            ),
        ),
        migrations.AddField(
            model_name="estimate",
            name="review",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="estimate",
                to="proposals.review",
            ),
        ),
        migrations.AddField(
            model_name="note",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="assemblies.membership"
            ),
        ),
        migrations.AddField(
            model_name="note",
            name="proposal",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="notes", to="proposals.proposal"
            ),
        ),
        migrations.AddField(
            model_name="replytemplate",
            name="assembly",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="reply_templates", to="assemblies.assembly"
            ),
        ),
        migrations.AddField(
            model_name="reviewappeal",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="assemblies.membership",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("estimates__in", [1, 2])), name="proposals_reviewrule_one_or_two"
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewrule",
            constraint=models.CheckConstraint(
                condition=models.Q(("days__gt", 0)), name="proposals_reviewrule_gives_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="conflict",
            constraint=models.UniqueConstraint(fields=("proposal", "evaluator"), name="proposals_conflict_once"),
        ),
        migrations.AddConstraint(
            model_name="conflict",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), _negated=True), name="proposals_conflict_has_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="department",
            constraint=models.UniqueConstraint(fields=("assembly", "name"), name="proposals_department_one_per_name"),
        ),
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)),
                fields=("proposal", "evaluator"),
                name="proposals_assignment_once_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="estimate",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None)),
                fields=("proposal", "evaluator"),
                name="proposals_estimate_one_each",
            ),
        ),
        migrations.AddConstraint(
            model_name="estimate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cost__gt", 0), ("cost__isnull", False), ("feasibility", "feasible")),
                    models.Q(("feasibility", "unfeasible"), models.Q(("public_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="proposals_estimate_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="note",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="proposals_note_has_words"
            ),
        ),
        migrations.AddConstraint(
            model_name="replytemplate",
            constraint=models.UniqueConstraint(fields=("assembly", "title"), name="proposals_reply_one_per_title"),
        ),
        migrations.AddConstraint(
            model_name="reviewappeal",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="proposals_reviewappeal_has_words"
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewappeal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("decided_at__isnull", True),
                        ("decided_by__isnull", True),
                        ("is_granted__isnull", True),
                        ("reason", ""),
                    ),
                    models.Q(
                        ("decided_at__isnull", False),
                        ("decided_by__isnull", False),
                        ("is_granted__isnull", False),
                        models.Q(("reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="proposals_reviewappeal_decided_whole_or_not",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewappeal",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decided_at__isnull", True), ("decided_at__gte", models.F("made_at")), _connector="OR"
                ),
                name="proposals_reviewappeal_decided_after",
            ),
        ),
    ]
