from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Indexes for the lists of a large budget.

    Not made concurrently: that waits for every statement that runs, also for the other processes that wait for us.
    """

    dependencies = [("proposals", "0032_follows")]

    operations = [
        migrations.AddIndex(
            model_name="proposal",
            index=models.Index(
                condition=~Q(state="draft") & Q(hidden_at=None),
                fields=["heading", "-submitted_at", "id"],
                include=("category", "district", "state", "cost_guess"),
                name="proposals_proposal_listed",
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(fields=["proposal", "-signed_at"], include=("cost",), name="proposals_review_newest"),
        ),
    ]
