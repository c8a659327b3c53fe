import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import proposals.models.proposals
import uuid
from django.db import migrations, models


# Letters lose their accents: taken apart first, then without the marks; the rest as in proposals/models/search.py.
# Only what PostgreSQL always has is used, and all of it is immutable.
FUNCTIONS = r"""
CREATE FUNCTION proposals_folded(said text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT replace(replace(replace(replace(replace(replace(replace(
        lower(translate(
            regexp_replace(normalize(said, NFKD), '[\u0300-\u036f]', '', 'g'),
            'ŁłØøĐđĦħŦŧıÐð', 'llooddhhttidd'
        )),
        'ß', 'ss'), 'ẞ', 'ss'), 'æ', 'ae'), 'Æ', 'ae'), 'œ', 'oe'), 'Œ', 'oe'), 'þ', 'th')
$$;
CREATE FUNCTION proposals_weighed_words(config regconfig, title text, place text, summary text, body text)
RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT setweight(to_tsvector(config, title), 'A') || setweight(to_tsvector(config, place), 'B')
        || setweight(to_tsvector(config, summary), 'C') || setweight(to_tsvector(config, body), 'D')
$$;
CREATE FUNCTION proposals_search_words(title text, place text, summary text, body text, language text)
RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT proposals_weighed_words('simple', t, p, s, b) || CASE language
        WHEN 'en' THEN proposals_weighed_words('english', t, p, s, b)
        WHEN 'es' THEN proposals_weighed_words('spanish', t, p, s, b)
        ELSE ''::tsvector
    END
    FROM (SELECT proposals_folded(title), proposals_folded(place), proposals_folded(summary), proposals_folded(body))
        AS folded (t, p, s, b)
$$;
"""
GONE = """
DROP FUNCTION proposals_search_words;
DROP FUNCTION proposals_weighed_words;
DROP FUNCTION proposals_folded;
"""


class Migration(migrations.Migration):

    replaces = [
        ('proposals', '0001_initial'),
        ('proposals', '0002_cycle_ballot_parameters'),
        ('proposals', '0003_ballot_types'),
        ('proposals', '0004_cycle_secrecy'),
        ('proposals', '0010_versions'),
        ('proposals', '0011_first_versions'),
        ('proposals', '0012_supports'),
        ('proposals', '0013_comments'),
        ('proposals', '0014_proposal_imports'),
        ('proposals', '0015_delivery_and_savings'),
        ('proposals', '0016_moderation'),
        ('proposals', '0017_incidents'),
        ('proposals', '0018_area_turnout'),
        ('proposals', '0019_photos_and_places'),
        ('proposals', '0020_rules_and_conditions'),
        ('proposals', '0021_review_desk'),
        ('proposals', '0030_search_text'),
        ('proposals', '0031_fill_search_text'),
        ('proposals', '0032_follows'),
        ('proposals', '0033_quick_lists'),
        ('proposals', '0034_project_photos'),
        ('proposals', '0035_co_sponsors'),
        ('proposals', '0036_corrections'),
        ('proposals', '0037_merges_and_splits'),
        ('proposals', '0038_groups_of_pots'),
        ('proposals', '0039_map_of_the_list'),
        ('proposals', '0040_unanswered_suggestions'),
        ('proposals', '0041_one_cause_of_an_end'),
        ('proposals', '0042_budget_imports'),
        ('proposals', '0043_budget_files_in_each_assembly'),
    ]

    initial = True

    dependencies = [
        ('assemblies', '0002_map'),
        ('voting', '0001_squashed_0025_options_taken_off'),
    ]

    operations = [
        migrations.RunSQL(FUNCTIONS, GONE),
        migrations.CreateModel(
            name='Cycle',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=120, verbose_name='title')),
                ('year', models.PositiveSmallIntegerField(verbose_name='year')),
                ('summary', models.TextField(blank=True, verbose_name='summary')),
                ('contact', models.CharField(blank=True, max_length=200, verbose_name='contact')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('rule', models.CharField(default='equal-shares', max_length=40)),
                ('rule_parameters', models.JSONField(blank=True, default=dict)),
                ('compared_rules', models.JSONField(blank=True, default=list)),
                ('ballot_type', models.CharField(choices=[('yes_no', 'Yes, no or abstain'), ('choose_one', 'Choose one'), ('approval', 'Choose several'), ('ranked', 'Put in order'), ('points', 'Give points'), ('score', 'Give marks'), ('consensus', 'Find consensus')], default='approval', max_length=20)),
                ('min_choices', models.PositiveIntegerField(default=0)),
                ('max_choices', models.PositiveIntegerField(blank=True, null=True)),
                ('ballot_parameters', models.JSONField(blank=True, default=dict)),
                ('change_allowed', models.BooleanField(default=True)),
                ('secrecy', models.PositiveSmallIntegerField(choices=[(1, 'Stored with your name'), (2, 'Sealed: hidden from people, trusting this server'), (3, 'Secret: sealed, and two people must agree to open, close and publish')], default=1)),
                ('savings_rule', models.CharField(choices=[('next_project', 'They pay for the next project on the list'), ('next_cycle', 'They go into a later budget')], default='next_cycle', max_length=20)),
                ('source_name', models.CharField(blank=True, max_length=200)),
                ('source_hash', models.CharField(blank=True, max_length=64, null=True)),
                ('source_country', models.CharField(blank=True, max_length=80)),
                ('source_unit', models.CharField(blank=True, max_length=120)),
                ('source_rule', models.CharField(blank=True, max_length=60)),
                ('rule_locked_at', models.DateTimeField(blank=True, null=True)),
                ('rule_hash', models.CharField(blank=True, max_length=64)),
                ('rule_reason', models.TextField(blank=True)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('assembly', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cycles', to='assemblies.assembly')),
            ],
            options={
                'ordering': ['-year', '-created_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('ballot_type__in', ['yes_no', 'choose_one', 'approval', 'ranked', 'points', 'score', 'consensus'])), name='proposals_cycle_known_ballot_type'), models.CheckConstraint(condition=models.Q(('secrecy__in', [1, 2, 3])), name='proposals_cycle_known_secrecy'), models.CheckConstraint(condition=models.Q(('max_choices__isnull', True), ('max_choices__gte', models.F('min_choices')), _connector='OR'), name='proposals_cycle_choices_in_order'), models.CheckConstraint(condition=models.Q(models.Q(('rule_hash', ''), ('rule_locked_at__isnull', True)), models.Q(('rule_hash__regex', '^[0-9a-f]{64}$'), ('rule_locked_at__isnull', False)), _connector='OR'), name='proposals_cycle_locked_rule_has_hash'), models.CheckConstraint(condition=models.Q(('savings_rule__in', ['next_project', 'next_cycle'])), name='proposals_cycle_known_savings_rule'), models.UniqueConstraint(fields=('assembly', 'source_hash'), name='proposals_cycle_one_per_file')],
            },
        ),
        migrations.CreateModel(
            name='Proposal',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('reference', models.CharField(editable=False, max_length=8, unique=True)),
                ('title', models.CharField(max_length=80, verbose_name='title')),
                ('summary', models.CharField(max_length=200, verbose_name='in one sentence')),
                ('text', models.TextField(max_length=5000, verbose_name='what and why')),
                ('place', models.CharField(blank=True, max_length=120, verbose_name='where')),
                ('latitude', models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True)),
                ('longitude', models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True)),
                ('category', models.CharField(choices=[('streets', 'Streets and squares'), ('green', 'Parks and trees'), ('wheels', 'Cycling and buses'), ('play', 'Play and children'), ('learning', 'Schools and learning'), ('culture', 'Culture'), ('sport', 'Sport'), ('care', 'Health and care'), ('meeting', 'Meeting and making'), ('other', 'Something else')], default='other', max_length=20, verbose_name='what it is about')),
                ('cost_guess', models.BigIntegerField(blank=True, null=True, verbose_name='cost, as you guess')),
                ('language', models.CharField(default='en', max_length=10)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('submitted', 'Sent in'), ('feasible', 'Can be built'), ('unfeasible', 'Cannot be built'), ('withdrawn', 'Taken back'), ('returned', 'To be corrected by its author'), ('lapsed', 'Ended without going on'), ('merged', 'Merged into another'), ('split', 'Split into several')], default='draft', max_length=10)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('draft_until', models.DateTimeField(default=proposals.models.proposals.draft_end)),
                ('submitted_at', models.DateTimeField(blank=True, null=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('correct_until', models.DateTimeField(blank=True, null=True)),
                ('hidden_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('support_count', models.PositiveIntegerField(default=0, editable=False)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='assemblies.membership')),
                ('district', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='assemblies.district')),
            ],
            options={
                'ordering': ['-submitted_at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'submitted', 'feasible', 'unfeasible', 'withdrawn', 'returned', 'lapsed', 'merged', 'split'])), name='proposals_proposal_known_state'), models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='proposals_proposal_has_title'), models.CheckConstraint(condition=models.Q(('cost_guess__isnull', True), ('cost_guess__gt', 0), _connector='OR'), name='proposals_proposal_guess_above_zero'), models.CheckConstraint(condition=models.Q(('state', 'draft'), ('submitted_at__isnull', False), _connector='OR'), name='proposals_proposal_sent_has_time'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['feasible', 'unfeasible']), _negated=True), ('decided_at__isnull', False), _connector='OR'), name='proposals_proposal_decided_has_time'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', False), ('state', 'lapsed')), models.Q(models.Q(('state', 'lapsed'), _negated=True), ('ended_at__isnull', True)), _connector='OR'), name='proposals_proposal_lapsed_has_time'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'returned'), _negated=True), ('correct_until__isnull', False), _connector='OR'), name='proposals_proposal_returned_until_a_day'), models.CheckConstraint(condition=models.Q(models.Q(('latitude__isnull', True), ('longitude__isnull', True)), models.Q(('latitude__isnull', False), ('latitude__range', (-90, 90)), ('longitude__isnull', False), ('longitude__range', (-180, 180))), _connector='OR'), name='proposals_proposal_place_on_earth')],
                'triggers': [pgtrigger.compiler.Trigger(name='is_found_by_its_words', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n            INSERT INTO proposals_searchtext (proposal_id, words)\n            VALUES (NEW.id, proposals_search_words(NEW.title, NEW.place, NEW.summary, NEW.text, NEW.language))\n            ON CONFLICT (proposal_id) DO UPDATE SET words = EXCLUDED.words;\n            RETURN NULL;\n        ', hash='6f8682b7524e54844e2345eb500c4083ebeb73a1', operation='INSERT OR UPDATE OF "title", "summary", "text", "place", "language"', pgid='pgtrigger_is_found_by_its_words_8409b', table='proposals_proposal', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='Review',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('feasibility', models.CharField(choices=[('feasible', 'Can be built'), ('unfeasible', 'Cannot be built')], max_length=10, verbose_name='can it be built?')),
                ('cost', models.BigIntegerField(blank=True, null=True, verbose_name='cost')),
                ('public_reason', models.TextField(blank=True, verbose_name='reason, for everybody to read')),
                ('note_internal', models.TextField(blank=True, verbose_name='note for colleagues')),
                ('signed_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('evaluator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='assemblies.membership')),
            ],
            options={
                'ordering': ['-signed_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('cost__gt', 0), ('cost__isnull', False), ('feasibility', 'feasible')), models.Q(('feasibility', 'feasible'), _negated=True), _connector='OR'), name='proposals_review_feasible_has_cost'), models.CheckConstraint(condition=models.Q(('feasibility', 'feasible'), models.Q(('feasibility', 'unfeasible'), models.Q(('public_reason', ''), _negated=True)), _connector='OR'), name='proposals_review_unfeasible_has_reason')],
            },
        ),
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('text', models.TextField(max_length=2000, verbose_name='comment')),
                ('language', models.CharField(default='en', max_length=10)),
                ('helpful_count', models.PositiveIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('hidden_at', models.DateTimeField(blank=True, null=True)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='comments', to='assemblies.membership')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replies', to='proposals.comment')),
            ],
            options={
                'ordering': ['created_at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='proposals_comment_has_words'), models.CheckConstraint(condition=models.Q(('parent__isnull', True), models.Q(('parent', models.F('id')), _negated=True), _connector='OR'), name='proposals_comment_not_to_itself')],
            },
        ),
        migrations.CreateModel(
            name='BudgetImport',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('file_name', models.CharField(max_length=200)),
                ('file_hash', models.CharField(max_length=64)),
                ('text', models.TextField(blank=True)),
                ('facts', models.JSONField(default=dict)),
                ('counted', models.JSONField(blank=True, null=True)),
                ('is_lenient', models.BooleanField(default=False)),
                ('refusal', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('begun_at', models.DateTimeField(blank=True, null=True)),
                ('assembly', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='budget_imports', to='assemblies.assembly')),
                ('begun_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assemblies.membership')),
                ('importer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assemblies.membership')),
                ('cycle', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='brought_in_by', to='proposals.cycle')),
            ],
            options={
                'ordering': ['-created_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('cycle__isnull', True), models.Q(('begun_at__isnull', False), ('refusal', '')), _connector='OR'), name='proposals_budgetimport_done_after_begun')],
            },
        ),
        migrations.CreateModel(
            name='Department',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('categories', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('streets', 'Streets and squares'), ('green', 'Parks and trees'), ('wheels', 'Cycling and buses'), ('play', 'Play and children'), ('learning', 'Schools and learning'), ('culture', 'Culture'), ('sport', 'Sport'), ('care', 'Health and care'), ('meeting', 'Meeting and making'), ('other', 'Something else')], max_length=20), blank=True, default=list, size=None)),
                ('checklist', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, size=None)),
                ('assembly', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='departments', to='assemblies.assembly')),
                ('evaluators', models.ManyToManyField(blank=True, related_name='departments', to='assemblies.membership')),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.UniqueConstraint(fields=('assembly', 'name'), name='proposals_department_one_per_name')],
            },
        ),
        migrations.CreateModel(
            name='DeskAct',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assemblies.membership')),
                ('cycle', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='desk_acts', to='proposals.cycle')),
            ],
            options={
                'ordering': ['-made_at'],
            },
        ),
        migrations.CreateModel(
            name='HeadingGroup',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=80, verbose_name='title')),
                ('max_headings', models.PositiveSmallIntegerField(default=1)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('cycle', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='groups', to='proposals.cycle')),
                ('register', models.OneToOneField(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='voting.register')),
            ],
            options={
                'ordering': ['position', 'title'],
                'constraints': [models.UniqueConstraint(fields=('cycle', 'title'), name='proposals_headinggroup_one_per_title'), models.CheckConstraint(condition=models.Q(('max_headings__gte', 1)), name='proposals_headinggroup_one_vote_at_least')],
            },
        ),
        migrations.CreateModel(
            name='Heading',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=120, verbose_name='title')),
                ('amount', models.BigIntegerField(verbose_name='amount')),
                ('population', models.PositiveIntegerField(blank=True, null=True, verbose_name='population')),
                ('is_citywide', models.BooleanField(default=False)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('minimum_votes', models.PositiveIntegerField(blank=True, null=True)),
                ('district_floors', models.JSONField(blank=True, default=dict)),
                ('rival_sets', models.JSONField(blank=True, default=list)),
                ('cycle', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='headings', to='proposals.cycle')),
                ('district', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='headings', to='assemblies.district')),
                ('poll', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='heading', to='voting.poll')),
                ('group', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='headings', to='proposals.headinggroup')),
            ],
            options={
                'ordering': ['position', 'title'],
                'constraints': [models.UniqueConstraint(fields=('cycle', 'title'), name='proposals_heading_one_per_title'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='proposals_heading_has_money'), models.CheckConstraint(condition=models.Q(('minimum_votes__isnull', True), ('minimum_votes__gt', 0), _connector='OR'), name='proposals_heading_minimum_above_zero'), models.UniqueConstraint(condition=models.Q(('is_citywide', True)), fields=('cycle',), name='proposals_heading_one_citywide'), models.CheckConstraint(condition=models.Q(('is_citywide', False), models.Q(('district__isnull', True), ('group__isnull', True)), _connector='OR'), name='proposals_heading_citywide_is_for_all')],
                'triggers': [pgtrigger.compiler.Trigger(name='group_of_its_cycle', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."group_id" IS NOT NULL)', func="\n                    IF NOT EXISTS (\n                        SELECT FROM proposals_headinggroup WHERE id = NEW.group_id AND cycle_id = NEW.cycle_id\n                    ) THEN\n                        RAISE EXCEPTION 'a pot is in a group of its own budget';\n                    END IF;\n                    RETURN NEW;\n                    ", hash='149225abad0f1d888c47bf95306055c16aab63d0', operation='INSERT OR UPDATE OF "group_id", "cycle_id"', pgid='pgtrigger_group_of_its_cycle_85875', table='proposals_heading', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='HelpfulMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('comment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='marks', to='proposals.comment')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assemblies.membership')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('comment', 'person'), name='proposals_mark_one_per_person')],
            },
        ),
        migrations.CreateModel(
            name='ImportedProposal',
            fields=[
                ('proposal', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='imported', serialize=False, to='proposals.proposal')),
                ('row', models.PositiveIntegerField()),
            ],
            options={
                'ordering': ['row'],
            },
        ),
        migrations.CreateModel(
            name='SearchText',
            fields=[
                ('proposal', models.OneToOneField(editable=False, on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='search_text', serialize=False, to='proposals.proposal')),
                ('words', django.contrib.postgres.search.SearchVectorField(editable=False)),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['words'], name='proposals_searchtext_words')],
            },
        ),
        migrations.AddField(
            model_name='proposal',
            name='heading',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='proposals.heading'),
        ),
        migrations.AddField(
            model_name='proposal',
            name='merged_into',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged_from', to='proposals.proposal'),
        ),
        migrations.AddField(
            model_name='proposal',
            name='split_from',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='split_into', to='proposals.proposal'),
        ),
        migrations.CreateModel(
            name='Follow',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='follows', to='assemblies.membership')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='follows', to='proposals.proposal')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('proposal', 'person'), name='proposals_follow_one_per_person')],
            },
        ),
        migrations.CreateModel(
            name='CoSponsor',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail address')),
                ('state', models.CharField(choices=[('invited', 'Asked, has not answered yet'), ('accepted', 'Stands behind it'), ('declined', 'Said No'), ('left', 'Does not stand behind it any more'), ('taken_back', 'Invitation taken back')], default='invited', max_length=10)),
                ('place', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('invited_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='co_sponsorships', to='assemblies.membership')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='co_sponsors', to='proposals.proposal')),
            ],
            options={
                'ordering': ['invited_at', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('proposal', 'email'), name='proposals_cosponsor_one_per_address'), models.UniqueConstraint(condition=models.Q(('state', 'accepted')), fields=('proposal', 'person'), name='proposals_cosponsor_one_per_person'), models.UniqueConstraint(fields=('proposal', 'place'), name='proposals_cosponsor_one_per_place'), models.CheckConstraint(condition=models.Q(models.Q(('place__gte', 1), ('place__isnull', False), ('place__lte', 10), ('state__in', ['invited', 'accepted'])), models.Q(('place__isnull', True), ('state__in', ['declined', 'left', 'taken_back'])), _connector='OR'), name='proposals_cosponsor_few_places'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['accepted', 'left']), _negated=True), models.Q(('answered_at__isnull', False), ('person__isnull', False)), _connector='OR'), name='proposals_cosponsor_accepted_by_somebody'), models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='proposals_cosponsor_email_in_small_letters')],
            },
        ),
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('reason', models.TextField(max_length=2000, verbose_name='what must be put right')),
                ('returned_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('until', models.DateTimeField()),
                ('answer', models.CharField(blank=True, max_length=200, verbose_name='what was changed, and why')),
                ('outcome', models.CharField(blank=True, choices=[('sent_again', 'Sent in again by its author'), ('accepted', 'Taken as it is by the officials'), ('dropped', 'No longer needed')], max_length=10)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('returned_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assemblies.membership')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='corrections', to='proposals.proposal')),
            ],
            options={
                'ordering': ['-returned_at'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('proposal',), name='proposals_correction_one_at_a_time'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='proposals_correction_has_reason'), models.CheckConstraint(condition=models.Q(('until__gt', models.F('returned_at'))), name='proposals_correction_gives_time'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('outcome', '')), models.Q(('ended_at__isnull', False), ('outcome__in', ['sent_again', 'accepted', 'dropped'])), _connector='OR'), name='proposals_correction_ended_has_outcome'), models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'sent_again'), _negated=True), models.Q(('answer', ''), _negated=True), _connector='OR'), name='proposals_correction_sent_again_has_answer')],
            },
        ),
        migrations.CreateModel(
            name='Conflict',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('reason', models.CharField(max_length=300, verbose_name='why are you not free to judge?')),
                ('declared_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('evaluator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assemblies.membership')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='conflicts', to='proposals.proposal')),
            ],
            options={
                'ordering': ['declared_at'],
                'constraints': [models.UniqueConstraint(fields=('proposal', 'evaluator'), name='proposals_conflict_once'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='proposals_conflict_has_reason')],
            },
        ),
        migrations.AddField(
            model_name='comment',
            name='proposal',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='comments', to='proposals.proposal'),
        ),
        migrations.CreateModel(
            name='Assignment',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('assigned_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('assigned_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assemblies.membership')),
                ('evaluator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assignments', to='assemblies.membership')),
                ('department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='proposals.department')),
                ('begun_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='begun', to='proposals.deskact')),
                ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='ended', to='proposals.deskact')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='assignments', to='proposals.proposal')),
            ],
            options={
                'ordering': ['assigned_at'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('proposal', 'evaluator'), name='proposals_assignment_once_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Merge',
            fields=[
                ('suggested_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('answer_until', models.DateTimeField()),
                ('reminded_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=80, verbose_name='title')),
                ('summary', models.CharField(max_length=200, verbose_name='in one sentence')),
                ('text', models.TextField(max_length=5000, verbose_name='what and why')),
                ('wording', models.PositiveIntegerField(default=1)),
                ('state', models.CharField(choices=[('open', 'Waits for the authors'), ('done', 'Merged'), ('refused', 'An author said No'), ('taken_back', 'The suggestion was taken back'), ('lapsed', 'Not answered in time'), ('undone', 'The merge was undone')], default='open', max_length=10)),
                ('reason', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                ('suggested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assemblies.membership')),
                ('target', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='merges_into_it', to='proposals.proposal')),
            ],
            options={
                'ordering': ['-suggested_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['open', 'done', 'refused', 'taken_back', 'lapsed', 'undone'])), name='proposals_merge_known_state'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('ended_at__isnull', False)), _connector='OR'), name='proposals_merge_ended_has_time'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'undone'), ('undone_at__isnull', False), models.Q(('reason', ''), _negated=True)), models.Q(models.Q(('state', 'undone'), _negated=True), ('undone_at__isnull', True)), _connector='OR'), name='proposals_merge_undone_has_reason'), models.CheckConstraint(condition=models.Q(('answer_until__gt', models.F('suggested_at'))), name='proposals_merge_gives_time')],
            },
        ),
        migrations.CreateModel(
            name='MergePart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('agreed_at', models.DateTimeField(blank=True, null=True)),
                ('is_open', models.BooleanField(default=True)),
                ('state_before', models.CharField(blank=True, max_length=10)),
                ('decided_before', models.DateTimeField(blank=True, null=True)),
                ('version_before', models.PositiveIntegerField(blank=True, null=True)),
                ('merge', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='parts', to='proposals.merge')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='merge_parts', to='proposals.proposal')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('merge', 'proposal'), name='proposals_mergepart_once'), models.UniqueConstraint(condition=models.Q(('is_open', True)), fields=('proposal',), name='proposals_mergepart_one_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='Moderation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('verdict', models.CharField(choices=[('left', 'Leave it'), ('hidden', 'Hide it')], max_length=6, verbose_name='what happens to it?')),
                ('broken_rule', models.CharField(blank=True, max_length=10)),
                ('reason', models.TextField(blank=True, max_length=1000, verbose_name='reason')),
                ('report_count', models.PositiveIntegerField(default=0)),
                ('decided_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('appeal', models.TextField(blank=True, max_length=2000, verbose_name='why it should be shown again')),
                ('appealed_at', models.DateTimeField(blank=True, null=True)),
                ('appeal_reason', models.TextField(blank=True, max_length=1000, verbose_name='answer to the author')),
                ('appeal_decided_at', models.DateTimeField(blank=True, null=True)),
                ('lifted_at', models.DateTimeField(blank=True, null=True)),
                ('appeal_decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assemblies.membership')),
                ('comment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='moderations', to='proposals.comment')),
                ('decided_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assemblies.membership')),
                ('lifted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assemblies.membership')),
                ('proposal', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='moderations', to='proposals.proposal')),
            ],
            options={
                'ordering': ['-decided_at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('comment__isnull', False), ('proposal__isnull', True)), models.Q(('comment__isnull', True), ('proposal__isnull', False)), _connector='OR'), name='proposals_moderation_about_one_thing'), models.CheckConstraint(condition=models.Q(('verdict', 'left'), models.Q(('verdict', 'hidden'), models.Q(('reason', ''), _negated=True), models.Q(('broken_rule', ''), _negated=True)), _connector='OR'), name='proposals_moderation_hidden_has_reason'), models.CheckConstraint(condition=models.Q(('broken_rule__in', ['', 'insult', 'privacy', 'spam', 'off_topic', 'unlawful', 'other'])), name='proposals_moderation_known_rule'), models.CheckConstraint(condition=models.Q(models.Q(('appeal', ''), ('appealed_at__isnull', True)), models.Q(('appealed_at__isnull', False), ('verdict', 'hidden'), models.Q(('appeal', ''), _negated=True)), _connector='OR'), name='proposals_moderation_appeal_has_words'), models.CheckConstraint(condition=models.Q(models.Q(('appeal_decided_at__isnull', True), ('appeal_decided_by__isnull', True), ('appeal_reason', '')), models.Q(('appeal_decided_at__isnull', False), ('appeal_decided_by__isnull', False), ('appealed_at__isnull', False), models.Q(('appeal_reason', ''), _negated=True)), _connector='OR'), name='proposals_moderation_appeal_decided_whole_or_not'), models.CheckConstraint(condition=models.Q(('appeal_decided_by__isnull', True), models.Q(('appeal_decided_by', models.F('decided_by')), _negated=True), _connector='OR'), name='proposals_moderation_appeal_decided_by_another'), models.CheckConstraint(condition=models.Q(models.Q(('lifted_at__isnull', True), ('lifted_by__isnull', True)), models.Q(('lifted_at__isnull', False), ('lifted_by__isnull', False), ('verdict', 'hidden')), _connector='OR'), name='proposals_moderation_lifted_by_somebody'), models.UniqueConstraint(condition=models.Q(('lifted_at', None), ('verdict', 'hidden')), fields=('comment',), name='proposals_moderation_comment_hidden_once'), models.UniqueConstraint(condition=models.Q(('lifted_at', None), ('verdict', 'hidden')), fields=('proposal',), name='proposals_moderation_proposal_hidden_once')],
            },
        ),
        migrations.CreateModel(
            name='Note',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('text', models.TextField(max_length=2000, verbose_name='note for colleagues')),
                ('written_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assemblies.membership')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='proposals.proposal')),
            ],
            options={
                'ordering': ['written_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='proposals_note_has_words')],
            },
        ),
        migrations.CreateModel(
            name='Phase',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('drafting', 'Preparation'), ('informing', 'Information'), ('accepting', 'Ideas'), ('reviewing', 'Check'), ('selecting', 'Support'), ('valuating', 'Costs'), ('publishing_prices', 'List and prices'), ('balloting', 'Vote'), ('reviewing_ballots', 'Check of the ballots'), ('finished', 'Results'), ('implementing', 'Build')], max_length=20)),
                ('position', models.PositiveSmallIntegerField(editable=False)),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField(blank=True, null=True)),
                ('enabled', models.BooleanField(default=True)),
                ('cycle', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='phases', to='proposals.cycle')),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('cycle', 'kind'), name='proposals_phase_one_of_each_kind'), models.CheckConstraint(condition=models.Q(('ends_at__isnull', True), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='proposals_phase_ends_after_it_starts'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'drafting'), ('position', 0)), models.Q(('kind', 'informing'), ('position', 1)), models.Q(('kind', 'accepting'), ('position', 2)), models.Q(('kind', 'reviewing'), ('position', 3)), models.Q(('kind', 'selecting'), ('position', 4)), models.Q(('kind', 'valuating'), ('position', 5)), models.Q(('kind', 'publishing_prices'), ('position', 6)), models.Q(('kind', 'balloting'), ('position', 7)), models.Q(('kind', 'reviewing_ballots'), ('position', 8)), models.Q(('kind', 'finished'), ('position', 9)), models.Q(('kind', 'implementing'), ('position', 10)), _connector='OR'), name='proposals_phase_known_kind_in_its_place')],
                'triggers': [pgtrigger.compiler.Trigger(name='never_reordered', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="\n                    IF EXISTS (\n                        SELECT FROM proposals_phase early JOIN proposals_phase late\n                        ON late.cycle_id = early.cycle_id AND late.position > early.position\n                        WHERE early.cycle_id = NEW.cycle_id AND early.enabled AND late.enabled\n                        AND late.starts_at < coalesce(early.ends_at, early.starts_at)\n                    ) THEN\n                        RAISE EXCEPTION 'steps of a budget may be left out, never reordered';\n                    END IF;\n                    RETURN NULL;\n                    ", hash='28352a2bb43ed938f1521dec925c95843c4bdf66', operation='INSERT OR UPDATE', pgid='pgtrigger_never_reordered_4418d', table='proposals_phase', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER'))],
            },
        ),
        migrations.CreateModel(
            name='Photo',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=64)),
                ('alt', models.CharField(max_length=200, verbose_name='what one sees on it')),
                ('position', models.PositiveSmallIntegerField()),
                ('content', models.BinaryField()),
                ('small', models.BinaryField()),
                ('width', models.PositiveIntegerField()),
                ('height', models.PositiveIntegerField()),
                ('uploaded_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('hidden_at', models.DateTimeField(blank=True, null=True)),
                ('hidden_reason', models.TextField(blank=True)),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='photos', to='proposals.proposal')),
            ],
            options={
                'ordering': ['position', 'uploaded_at'],
                'constraints': [models.UniqueConstraint(fields=('proposal', 'key'), name='proposals_photo_sent_once'), models.CheckConstraint(condition=models.Q(('alt', ''), _negated=True), name='proposals_photo_said_in_words'), models.CheckConstraint(condition=models.Q(('height__gt', 0), ('width__gt', 0)), name='proposals_photo_has_size'), models.CheckConstraint(condition=models.Q(('hidden_at__isnull', True), models.Q(('hidden_reason', ''), _negated=True), _connector='OR'), name='proposals_photo_hidden_has_reason')],
            },
        ),
        migrations.CreateModel(
            name='Project',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('title', models.CharField(max_length=300, verbose_name='title')),
                ('summary', models.TextField(blank=True, verbose_name='summary')),
                ('cost', models.BigIntegerField(verbose_name='cost')),
                ('category', models.CharField(blank=True, max_length=200, verbose_name='what it is about')),
                ('place', models.CharField(blank=True, max_length=200, verbose_name='where')),
                ('latitude', models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True)),
                ('longitude', models.DecimalField(blank=True, decimal_places=6, max_digits=9, null=True)),
                ('language', models.CharField(blank=True, max_length=10)),
                ('official_winner', models.BooleanField(blank=True, null=True)),
                ('status', models.CharField(choices=[('planned', 'Planned'), ('building', 'Being built'), ('done', 'Done'), ('stopped', 'Stopped')], default='planned', max_length=10, verbose_name='status')),
                ('status_reason', models.TextField(blank=True, verbose_name='reason')),
                ('status_at', models.DateTimeField(blank=True, null=True)),
                ('ready_on', models.DateField(blank=True, null=True, verbose_name='when it should be ready')),
                ('district', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='projects', to='assemblies.district')),
                ('heading', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='projects', to='proposals.heading')),
                ('option', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='project', to='voting.option')),
                ('proposal', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='project', to='proposals.proposal')),
            ],
            options={
                'ordering': ['number'],
                'constraints': [models.UniqueConstraint(fields=('heading', 'number'), name='proposals_project_one_per_number'), models.CheckConstraint(condition=models.Q(('cost__gte', 0)), name='proposals_project_cost_not_negative'), models.CheckConstraint(condition=models.Q(('status__in', ['planned', 'building', 'done', 'stopped'])), name='proposals_project_known_status'), models.CheckConstraint(condition=models.Q(models.Q(('status', 'stopped'), _negated=True), models.Q(('status_reason', ''), _negated=True), _connector='OR'), name='proposals_project_stopped_has_reason'), models.CheckConstraint(condition=models.Q(models.Q(('latitude__isnull', True), ('longitude__isnull', True)), models.Q(('latitude__isnull', False), ('latitude__range', (-90, 90)), ('longitude__isnull', False), ('longitude__range', (-180, 180))), _connector='OR'), name='proposals_project_place_on_earth')],
            },
        ),
        migrations.CreateModel(
            name='Milestone',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=120, verbose_name='step')),
                ('text', models.TextField(blank=True, verbose_name='what happened')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='planned for')),
                ('done_on', models.DateField(blank=True, null=True, verbose_name='done on')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='milestones', to='proposals.project')),
            ],
            options={
                'ordering': ['due_on', 'done_on', 'created_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('due_on__isnull', False), ('done_on__isnull', False), _connector='OR'), name='proposals_milestone_has_a_date')],
            },
        ),
        migrations.CreateModel(
            name='Incident',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('withdrawn', 'It was taken back'), ('unfeasible', 'It turned out that it cannot be built'), ('price', 'Its price has changed')], max_length=10, verbose_name='what happened?')),
                ('reason', models.TextField(verbose_name='reason, for everybody to read')),
                ('new_cost', models.BigIntegerField(blank=True, null=True, verbose_name='new price')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('project', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='incident', to='proposals.project')),
            ],
            options={
                'ordering': ['at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['withdrawn', 'unfeasible', 'price'])), name='proposals_incident_known_kind'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='proposals_incident_has_reason'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'price'), ('new_cost__gt', 0), ('new_cost__isnull', False)), models.Q(models.Q(('kind', 'price'), _negated=True), ('new_cost__isnull', True)), _connector='OR'), name='proposals_incident_price_has_cost')],
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='b4c50ad79bc10370d0759b2fe2dce74616f4f739', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_b0eb6', table='proposals_incident', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Award',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('amount', models.BigIntegerField()),
                ('rank', models.PositiveIntegerField()),
                ('source', models.CharField(choices=[('vote', 'By the vote'), ('savings', 'From savings')], default='vote', max_length=10)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('poll', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='awards', to='voting.poll')),
                ('project', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='award', to='proposals.project')),
            ],
            options={
                'ordering': ['rank'],
                'constraints': [models.UniqueConstraint(fields=('poll', 'rank'), name='proposals_award_one_per_rank'), models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='proposals_award_amount_not_negative'), models.CheckConstraint(condition=models.Q(('source__in', ['vote', 'savings'])), name='proposals_award_known_source')],
            },
        ),
        migrations.CreateModel(
            name='ProjectPhoto',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=64)),
                ('alt', models.CharField(max_length=200, verbose_name='what one sees on it')),
                ('content', models.BinaryField()),
                ('small', models.BinaryField()),
                ('width', models.PositiveIntegerField()),
                ('height', models.PositiveIntegerField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='photos', to='proposals.project')),
            ],
            options={
                'ordering': ['-created_at'],
                'constraints': [models.UniqueConstraint(fields=('project', 'key'), name='proposals_projectphoto_sent_once'), models.CheckConstraint(condition=models.Q(('alt', ''), _negated=True), name='proposals_projectphoto_said_in_words'), models.CheckConstraint(condition=models.Q(('height__gt', 0), ('width__gt', 0)), name='proposals_projectphoto_has_size')],
            },
        ),
        migrations.CreateModel(
            name='ProposalImport',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('file_name', models.CharField(max_length=200)),
                ('file_hash', models.CharField(max_length=64)),
                ('rows', models.JSONField(default=list)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('cycle', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='imports', to='proposals.cycle')),
                ('importer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assemblies.membership')),
            ],
            options={
                'ordering': ['-created_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('undone_at__isnull', True), ('done_at__isnull', False), _connector='OR'), name='proposals_import_done_before_undone'), models.UniqueConstraint(condition=models.Q(('done_at__isnull', False), ('undone_at__isnull', True)), fields=('cycle', 'file_hash'), name='proposals_import_a_file_only_once')],
            },
        ),
        migrations.CreateModel(
            name='ProposalVersion',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('title', models.CharField(max_length=80, verbose_name='title')),
                ('summary', models.CharField(max_length=200, verbose_name='in one sentence')),
                ('text', models.TextField(max_length=5000, verbose_name='what and why')),
                ('place', models.CharField(blank=True, max_length=120, verbose_name='where')),
                ('category', models.CharField(choices=[('streets', 'Streets and squares'), ('green', 'Parks and trees'), ('wheels', 'Cycling and buses'), ('play', 'Play and children'), ('learning', 'Schools and learning'), ('culture', 'Culture'), ('sport', 'Sport'), ('care', 'Health and care'), ('meeting', 'Meeting and making'), ('other', 'Something else')], max_length=20, verbose_name='what it is about')),
                ('cost_guess', models.BigIntegerField(blank=True, null=True, verbose_name='cost, as you guess')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='what was changed, and why')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('district', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assemblies.district')),
                ('editor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assemblies.membership')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='proposals.proposal')),
            ],
            options={
                'ordering': ['-number'],
                'constraints': [models.UniqueConstraint(fields=('proposal', 'number'), name='proposals_version_one_per_number'), models.CheckConstraint(condition=models.Q(('number__gt', 0)), name='proposals_version_counts_from_one'), models.CheckConstraint(condition=models.Q(('number', 1), models.Q(('reason', ''), _negated=True), _connector='OR'), name='proposals_version_later_ones_have_a_reason')],
            },
        ),
        migrations.CreateModel(
            name='Question',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('text', models.TextField(max_length=2000, verbose_name='question')),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('answer', models.TextField(blank=True, max_length=2000, verbose_name='answer')),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assemblies.membership')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assemblies.membership')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='questions', to='proposals.proposal')),
            ],
            options={
                'ordering': ['asked_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='proposals_question_has_words'), models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_at__isnull', True), ('answered_by__isnull', True)), models.Q(models.Q(('answer', ''), _negated=True), ('answered_at__isnull', False), ('answered_by__isnull', False)), _connector='OR'), name='proposals_question_answered_whole_or_not')],
            },
        ),
        migrations.CreateModel(
            name='ReplyTemplate',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=80, verbose_name='name')),
                ('text', models.TextField(max_length=2000, verbose_name='words')),
                ('assembly', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reply_templates', to='assemblies.assembly')),
            ],
            options={
                'ordering': ['title'],
                'constraints': [models.UniqueConstraint(fields=('assembly', 'title'), name='proposals_reply_one_per_title')],
            },
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('reason', models.CharField(choices=[('insult', 'It insults or threatens somebody'), ('privacy', 'It tells private things of somebody'), ('spam', 'It is advertising or repeats itself'), ('off_topic', 'It has nothing to do with this'), ('unlawful', 'It is against the law'), ('other', 'Something else')], max_length=10, verbose_name='what is wrong with it?')),
                ('text', models.CharField(blank=True, max_length=500, verbose_name='in your words')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('comment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='proposals.comment')),
                ('proposal', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='proposals.proposal')),
                ('reporter', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assemblies.membership')),
                ('settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='proposals.moderation')),
            ],
            options={
                'ordering': ['created_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('comment__isnull', False), ('proposal__isnull', True)), models.Q(('comment__isnull', True), ('proposal__isnull', False)), _connector='OR'), name='proposals_report_about_one_thing'), models.CheckConstraint(condition=models.Q(('reason__in', ['insult', 'privacy', 'spam', 'off_topic', 'unlawful', 'other'])), name='proposals_report_known_reason'), models.UniqueConstraint(fields=('comment', 'reporter'), name='proposals_report_comment_once'), models.UniqueConstraint(fields=('proposal', 'reporter'), name='proposals_report_proposal_once')],
            },
        ),
        migrations.CreateModel(
            name='ReviewAppeal',
            fields=[
                ('review', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='appeal', serialize=False, to='proposals.review')),
                ('text', models.TextField(max_length=2000, verbose_name='what was overlooked?')),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('is_granted', models.BooleanField(blank=True, null=True)),
                ('reason', models.TextField(blank=True, max_length=2000, verbose_name='reason, for everybody to read')),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['made_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='proposals_reviewappeal_has_words'), models.CheckConstraint(condition=models.Q(('decided_at__isnull', True), ('decided_at__gte', models.F('made_at')), _connector='OR'), name='proposals_reviewappeal_decided_after')],
            },
        ),
        migrations.AddField(
            model_name='review',
            name='proposal',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reviews', to='proposals.proposal'),
        ),
        migrations.AddField(
            model_name='review',
            name='signed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assemblies.membership'),
        ),
        migrations.CreateModel(
            name='Estimate',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('feasibility', models.CharField(choices=[('feasible', 'Can be built'), ('unfeasible', 'Cannot be built')], max_length=10, verbose_name='can it be built?')),
                ('cost', models.BigIntegerField(blank=True, null=True, verbose_name='cost')),
                ('public_reason', models.TextField(blank=True, verbose_name='reason, for everybody to read')),
                ('note_internal', models.TextField(blank=True, verbose_name='note for colleagues')),
                ('checked', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=200), blank=True, default=list, size=None)),
                ('given_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('evaluator', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='estimates', to='assemblies.membership')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='estimates', to='proposals.proposal')),
                ('review', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='estimate', to='proposals.review')),
            ],
            options={
                'ordering': ['given_at'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('proposal', 'evaluator'), name='proposals_estimate_one_each'), models.CheckConstraint(condition=models.Q(models.Q(('cost__gt', 0), ('cost__isnull', False), ('feasibility', 'feasible')), models.Q(('feasibility', 'unfeasible'), models.Q(('public_reason', ''), _negated=True)), _connector='OR'), name='proposals_estimate_whole')],
            },
        ),
        migrations.CreateModel(
            name='SavingsUse',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('amount', models.BigIntegerField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('award', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='paid_by_savings', to='proposals.award')),
                ('heading', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='savings_used', to='proposals.heading')),
                ('into', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='savings_received', to='proposals.heading')),
            ],
            options={
                'ordering': ['created_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='proposals_savings_is_money'), models.CheckConstraint(condition=models.Q(models.Q(('award__isnull', False), ('into__isnull', True)), models.Q(('award__isnull', True), ('into__isnull', False)), _connector='OR'), name='proposals_savings_have_one_purpose'), models.CheckConstraint(condition=models.Q(('into__isnull', True), models.Q(('into', models.F('heading')), _negated=True), _connector='OR'), name='proposals_savings_go_elsewhere')],
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c9442bd23f0cc3e3f924c072ce6c6dfd8016a0c4', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_d75b8', table='proposals_savingsuse', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Spending',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('contracted', 'Contracted'), ('paid', 'Paid'), ('final', 'Final cost')], max_length=10, verbose_name='kind')),
                ('amount', models.BigIntegerField(verbose_name='amount')),
                ('on', models.DateField(verbose_name='date')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='note')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='spendings', to='proposals.project')),
            ],
            options={
                'ordering': ['on', 'created_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['contracted', 'paid', 'final'])), name='proposals_spending_known_kind'), models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='proposals_spending_is_not_zero')],
                'triggers': [pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='7a756c5f03b6ed450e0a3af95a7d9dfbcc03a42e', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_7bb0d', table='proposals_spending', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Split',
            fields=[
                ('suggested_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('answer_until', models.DateTimeField()),
                ('reminded_at', models.DateTimeField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('undone_at', models.DateTimeField(blank=True, null=True)),
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('reason', models.CharField(max_length=500, verbose_name='why')),
                ('state', models.CharField(choices=[('open', 'Waits for the author'), ('done', 'Split'), ('refused', 'The author said No'), ('taken_back', 'The suggestion was taken back'), ('lapsed', 'Not answered in time'), ('undone', 'The split was undone')], default='open', max_length=10)),
                ('state_before', models.CharField(blank=True, max_length=10)),
                ('decided_before', models.DateTimeField(blank=True, null=True)),
                ('undone_because', models.CharField(blank=True, max_length=500, verbose_name='reason')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='splits', to='proposals.proposal')),
                ('suggested_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assemblies.membership')),
            ],
            options={
                'ordering': ['-suggested_at'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('proposal',), name='proposals_split_one_at_a_time'), models.UniqueConstraint(condition=models.Q(('state', 'done')), fields=('proposal',), name='proposals_split_once'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='proposals_split_has_reason'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('state', 'open')), models.Q(('ended_at__isnull', False), ('state__in', ['done', 'refused', 'taken_back', 'lapsed', 'undone'])), _connector='OR'), name='proposals_split_ended_has_time'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'undone'), ('undone_at__isnull', False), models.Q(('undone_because', ''), _negated=True)), models.Q(models.Q(('state', 'undone'), _negated=True), ('undone_at__isnull', True)), _connector='OR'), name='proposals_split_undone_has_reason'), models.CheckConstraint(condition=models.Q(('answer_until__gt', models.F('suggested_at'))), name='proposals_split_gives_time')],
            },
        ),
        migrations.CreateModel(
            name='SplitPiece',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('title', models.CharField(max_length=80, verbose_name='title')),
                ('summary', models.CharField(max_length=200, verbose_name='in one sentence')),
                ('text', models.TextField(max_length=5000, verbose_name='what and why')),
                ('became', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='split_piece', to='proposals.proposal')),
                ('split', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pieces', to='proposals.split')),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('split', 'position'), name='proposals_splitpiece_one_per_position'), models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='proposals_splitpiece_has_title')],
            },
        ),
        migrations.CreateModel(
            name='Support',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('carried_from', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='proposals.proposal')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='supports', to='assemblies.membership')),
                ('proposal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='supports', to='proposals.proposal')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('proposal', 'person'), name='proposals_support_one_per_person'), models.CheckConstraint(condition=models.Q(('carried_from__isnull', True), models.Q(('carried_from', models.F('proposal')), _negated=True), _connector='OR'), name='proposals_support_carried_from_another')],
            },
        ),
        migrations.CreateModel(
            name='AreaTurnout',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('entitled', models.PositiveIntegerField(blank=True, null=True)),
                ('voted', models.PositiveIntegerField(blank=True, null=True)),
                ('district', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assemblies.district')),
                ('poll', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='area_turnouts', to='voting.poll')),
            ],
            options={
                'ordering': [models.OrderBy(models.F('district__name'), nulls_last=True)],
                'constraints': [models.UniqueConstraint(fields=('poll', 'district'), name='proposals_areaturnout_one_per_area', nulls_distinct=False), models.CheckConstraint(condition=models.Q(models.Q(('entitled__isnull', True), ('voted__isnull', True)), models.Q(('entitled__gte', django.db.models.expressions.CombinedExpression(models.F('voted'), '+', models.Value(5))), ('entitled__isnull', False), ('voted__gte', 5)), _connector='OR'), name='proposals_areaturnout_tells_nobody_apart')],
            },
        ),
        migrations.CreateModel(
            name='ReviewRule',
            fields=[
                ('cycle', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='review_rule', serialize=False, to='proposals.cycle')),
                ('estimates', models.PositiveSmallIntegerField(default=1, verbose_name='people who check each proposal')),
                ('needs_signature', models.BooleanField(default=False, verbose_name='a second person signs each answer')),
                ('days', models.PositiveSmallIntegerField(default=21, verbose_name='days until the answer')),
                ('appeal_days', models.PositiveSmallIntegerField(default=14, verbose_name='days for an appeal')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('estimates__in', [1, 2])), name='proposals_reviewrule_one_or_two'), models.CheckConstraint(condition=models.Q(('days__gt', 0)), name='proposals_reviewrule_gives_time')],
            },
        ),
        migrations.CreateModel(
            name='SupportRule',
            fields=[
                ('cycle', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='support_rule', serialize=False, to='proposals.cycle')),
                ('threshold', models.PositiveIntegerField(verbose_name='supports needed')),
                ('days', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='days to find them')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('threshold__gt', 0)), name='proposals_supportrule_needs_some'), models.CheckConstraint(condition=models.Q(('days__isnull', True), ('days__gt', 0), _connector='OR'), name='proposals_supportrule_gives_time')],
            },
        ),
        migrations.AddField(
            model_name='importedproposal',
            name='batch',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='proposals.proposalimport'),
        ),
        migrations.AddIndex(
            model_name='proposal',
            index=models.Index(fields=['heading', 'state'], name='proposals_proposal_by_state'),
        ),
        migrations.AddIndex(
            model_name='proposal',
            index=models.Index(condition=models.Q(models.Q(('state', 'draft'), _negated=True), ('hidden_at', None)), fields=['heading', '-submitted_at', 'id'], include=('category', 'district', 'state', 'cost_guess', 'latitude', 'longitude'), name='proposals_proposal_listed'),
        ),
        migrations.AddConstraint(
            model_name='proposal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('merged_into__isnull', False), ('state', 'merged')), models.Q(models.Q(('state', 'merged'), _negated=True), ('merged_into__isnull', True)), _connector='OR'), name='proposals_proposal_merged_into_one'),
        ),
        migrations.AddConstraint(
            model_name='proposal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('merged_into', models.F('pk')), _negated=True), models.Q(('split_from', models.F('pk')), _negated=True)), name='proposals_proposal_joined_with_another'),
        ),
        migrations.AddIndex(
            model_name='comment',
            index=models.Index(fields=['proposal', 'parent', '-created_at'], name='proposals_comment_newest'),
        ),
        migrations.AddField(
            model_name='reviewappeal',
            name='decided_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assemblies.membership'),
        ),
        migrations.AddIndex(
            model_name='review',
            index=models.Index(fields=['proposal', '-signed_at'], include=('cost',), name='proposals_review_newest'),
        ),
        migrations.AddConstraint(
            model_name='review',
            constraint=models.CheckConstraint(condition=models.Q(('signed_by__isnull', True), models.Q(('signed_by', models.F('evaluator')), _negated=True), _connector='OR'), name='proposals_review_signed_by_another'),
        ),
        migrations.AddConstraint(
            model_name='importedproposal',
            constraint=models.UniqueConstraint(fields=('batch', 'row'), name='proposals_imported_one_per_row'),
        ),
        migrations.AddConstraint(
            model_name='reviewappeal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True), ('is_granted__isnull', True), ('reason', '')), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('is_granted__isnull', False), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='proposals_reviewappeal_decided_whole_or_not'),
        ),
    ]
