from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("meetings", "0012_items_are_done_with_their_motions")]

    operations = [
        migrations.AddField(
            model_name="meeting",
            name="asks_room_code",
            field=models.BooleanField(
                default=False,
                verbose_name="who checks in on their phone types the code that the screen in the room shows",
            ),
        ),
    ]
