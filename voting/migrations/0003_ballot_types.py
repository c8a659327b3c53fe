from django.db import migrations, models


class Migration(migrations.Migration):
    """Marks and consensus are ballots too."""

    dependencies = [
        ('voting', '0002_register_and_ballots_stay'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='poll',
            name='voting_poll_known_ballot_type',
        ),
        migrations.AlterField(
            model_name='poll',
            name='ballot_type',
            field=models.CharField(choices=[('yes_no', 'Yes, no or abstain'), ('choose_one', 'Choose one'), ('approval', 'Choose several'), ('ranked', 'Put in order'), ('points', 'Give points'), ('score', 'Give marks'), ('consensus', 'Find consensus')], max_length=20),
        ),
        migrations.AddConstraint(
            model_name='poll',
            constraint=models.CheckConstraint(condition=models.Q(('ballot_type__in', ['yes_no', 'choose_one', 'approval', 'ranked', 'points', 'score', 'consensus'])), name='voting_poll_known_ballot_type'),
        ),
    ]
