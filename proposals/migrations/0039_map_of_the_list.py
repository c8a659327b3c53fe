from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """The index of the lists holds the places too, so that the map is drawn from it alone."""

    dependencies = [("proposals", "0038_groups_of_pots")]

    operations = [
        migrations.RemoveIndex(model_name="proposal", name="proposals_proposal_listed"),
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                condition=~Q(state="draft") & Q(hidden_at=None),
                fields=["heading", "-submitted_at", "id"],
                include=("category", "district", "state", "cost_guess", "latitude", "longitude"),
                name="proposals_proposal_listed",
            ),
        ),
    ]
