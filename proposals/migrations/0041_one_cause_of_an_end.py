from django.db import migrations, models


def say_the_cause(apps, schema_editor):
    """Backwards: there was never another cause than this."""
    apps.get_model("proposals", "Proposal").objects.filter(state="lapsed").update(end_cause="supports")


class Migration(migrations.Migration):

    dependencies = [
        ('proposals', '0040_unanswered_suggestions'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='proposal',
            name='proposals_proposal_lapsed_has_cause',
        ),
        migrations.RunPython(migrations.RunPython.noop, say_the_cause),
        migrations.RemoveField(
            model_name='proposal',
            name='end_cause',
        ),
        migrations.AddConstraint(
            model_name='proposal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('state', 'lapsed')), models.Q(models.Q(('state', 'lapsed'), _negated=True), ('ended_at__isnull', True)), _connector='OR'), name='proposals_proposal_lapsed_has_time'),
        ),
    ]
