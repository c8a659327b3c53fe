import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("assemblies", "0001_initial"),
        ("proposals", "0015_delivery_and_savings"),
    ]

    operations = [
        migrations.CreateModel(
            name="Moderation",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "verdict",
                    models.CharField(
                        choices=[("left", "Leave it"), ("hidden", "Hide it")],
                        max_length=6,
                        verbose_name="what happens to it?",
                    ),
                ),
                ("broken_rule", models.CharField(blank=True, max_length=10)),
                ("reason", models.TextField(blank=True, max_length=1000, verbose_name="reason")),
                ("report_count", models.PositiveIntegerField(default=0)),
                ("decided_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("appeal", models.TextField(blank=True, max_length=2000, verbose_name="why it should be shown again")),
                ("appealed_at", models.DateTimeField(blank=True, null=True)),
                ("appeal_reason", models.TextField(blank=True, max_length=1000, verbose_name="answer to the author")),
                ("appeal_decided_at", models.DateTimeField(blank=True, null=True)),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "ordering": ["-decided_at", "pk"],
            },
        ),
        migrations.AddField(
            model_name="proposal",
            name="hidden_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="moderation",
            name="appeal_decided_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="assemblies.membership",
            ),
        ),
        migrations.AddField(
            model_name="moderation",
            name="comment",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="moderations",
                to="proposals.comment",
            ),
        ),
        migrations.AddField(
            model_name="moderation",
            name="decided_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="assemblies.membership"
            ),
        ),
        migrations.AddField(
            model_name="moderation",
            name="lifted_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="assemblies.membership",
            ),
        ),
        migrations.AddField(
            model_name="moderation",
            name="proposal",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="moderations",
                to="proposals.proposal",
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="settled_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reports",
                to="proposals.moderation",
            ),
        ),
        migrations.AddConstraint(
            model_name="moderation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("comment__isnull", False), ("proposal__isnull", True)),
                    models.Q(("comment__isnull", True), ("proposal__isnull", False)),
                    _connector="OR",
                ),
                name="proposals_moderation_about_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="moderation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("verdict", "left"),
                    models.Q(
                        ("verdict", "hidden"),
                        models.Q(("reason", ""), _negated=True),
                        models.Q(("broken_rule", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="proposals_moderation_hidden_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="moderation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("broken_rule__in", ["", "insult", "privacy", "spam", "off_topic", "unlawful", "other"])
                ),
                name="proposals_moderation_known_rule",
            ),
        ),
        migrations.AddConstraint(
            model_name="moderation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("appeal", ""), ("appealed_at__isnull", True)),
                    models.Q(
                        ("appealed_at__isnull", False), ("verdict", "hidden"), models.Q(("appeal", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="proposals_moderation_appeal_has_words",
            ),
        ),
        migrations.AddConstraint(
            model_name="moderation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("appeal_decided_at__isnull", True), ("appeal_decided_by__isnull", True), ("appeal_reason", "")
                    ),
                    models.Q(
                        ("appeal_decided_at__isnull", False),
                        ("appeal_decided_by__isnull", False),
                        ("appealed_at__isnull", False),
                        models.Q(("appeal_reason", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="proposals_moderation_appeal_decided_whole_or_not",
            ),
        ),
        migrations.AddConstraint(
            model_name="moderation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("appeal_decided_by__isnull", True),
                    models.Q(("appeal_decided_by", models.F("decided_by")), _negated=True),
                    _connector="OR",
                ),
                name="proposals_moderation_appeal_decided_by_another",
            ),
        ),
        migrations.AddConstraint(
            model_name="moderation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lifted_at__isnull", True), ("lifted_by__isnull", True)),
                    models.Q(("lifted_at__isnull", False), ("lifted_by__isnull", False), ("verdict", "hidden")),
                    _connector="OR",
                ),
                name="proposals_moderation_lifted_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            model_name="moderation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at", None), ("verdict", "hidden")),
                fields=("comment",),
                name="proposals_moderation_comment_hidden_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="moderation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at", None), ("verdict", "hidden")),
                fields=("proposal",),
                name="proposals_moderation_proposal_hidden_once",
            ),
        ),
    ]
