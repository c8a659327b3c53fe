"""What was sent in before versions were kept is version 1 of itself."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

WORDING = ("title", "summary", "text", "place", "district_id", "category", "cost_guess")
AT_ONCE = 1000


def keep_first_versions(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    proposals = apps.get_model("proposals", "Proposal")
    versions = apps.get_model("proposals", "ProposalVersion")
    sent = proposals.objects.exclude(state="draft").filter(versions=None)
    versions.objects.bulk_create(
        (
            versions(
                proposal_id=proposal.pk,
                number=1,
                editor_id=proposal.author_id,
                created_at=proposal.submitted_at,
                **{name: getattr(proposal, name) for name in WORDING},
            )
            for proposal in sent.iterator(AT_ONCE)
        ),
        batch_size=AT_ONCE,
    )


class Migration(migrations.Migration):
    dependencies = [("proposals", "0010_versions")]

    operations = [migrations.RunPython(keep_first_versions, migrations.RunPython.noop)]
