from django.db import migrations, models


class Migration(migrations.Migration):
    """Marks and consensus are ballots too."""

    dependencies = [
        ('proposals', '0002_cycle_ballot_parameters'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='cycle',
            name='proposals_cycle_known_ballot_type',
        ),
        migrations.AlterField(
            model_name='cycle',
            name='ballot_type',
            field=models.CharField(choices=[('yes_no', 'Yes, no or abstain'), ('choose_one', 'Choose one'), ('approval', 'Choose several'), ('ranked', 'Put in order'), ('points', 'Give points'), ('score', 'Give marks'), ('consensus', 'Find consensus')], default='approval', max_length=20),
        ),
        migrations.AddConstraint(
            model_name='cycle',
            constraint=models.CheckConstraint(condition=models.Q(('ballot_type__in', ['yes_no', 'choose_one', 'approval', 'ranked', 'points', 'score', 'consensus'])), name='proposals_cycle_known_ballot_type'),
        ),
    ]
