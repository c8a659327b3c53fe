import django.contrib.postgres.operations
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Indexes for the lists of a large budget, made while the site goes on working."""

    atomic = False

    dependencies = [("proposals", "0032_follows")]

    operations = [
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="proposal",
            index=models.Index(
                condition=~Q(state="draft") & Q(hidden_at=None),
                fields=["heading", "-submitted_at", "id"],
                include=("category", "district", "state", "cost_guess"),
                name="proposals_proposal_listed",
            ),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="review",
            index=models.Index(
                fields=["proposal", "-signed_at"], include=("cost",), name="proposals_review_newest"
            ),
        ),
    ]
