from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("assemblies", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="assembly",
            name="landmarks",
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name="district",
            name="outline",
            field=models.JSONField(blank=True, default=list),
        ),
    ]
