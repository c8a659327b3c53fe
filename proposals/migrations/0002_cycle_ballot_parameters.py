from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('proposals', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='cycle',
            name='ballot_parameters',
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
