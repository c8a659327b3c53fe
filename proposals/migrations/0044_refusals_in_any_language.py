from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("proposals", "0043_budget_files_in_each_assembly"),
    ]

    operations = [
        migrations.AddField(
            model_name="budgetimport",
            name="refusal_parts",
            field=models.JSONField(blank=True, null=True),
        ),
    ]
