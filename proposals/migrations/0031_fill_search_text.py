from django.db import migrations

FILL = """
INSERT INTO proposals_searchtext (proposal_id, words)
SELECT id, proposals_search_words(title, place, summary, text, language) FROM proposals_proposal
"""


class Migration(migrations.Migration):
    """What was written before can be found too."""

    dependencies = [
        ('proposals', '0030_search_text'),
    ]

    operations = [
        migrations.RunSQL(FILL, "DELETE FROM proposals_searchtext"),
    ]
