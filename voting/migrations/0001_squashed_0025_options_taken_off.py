import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('voting', '0001_initial'),
        ('voting', '0002_register_and_ballots_stay'),
        ('voting', '0003_ballot_types'),
        ('voting', '0004_sealed_ballots'),
        ('voting', '0005_registers_and_codes'),
        ('voting', '0020_board'),
        ('voting', '0021_trustees'),
        ('voting', '0022_hardened_boxes'),
        ('voting', '0023_cards_revoked_one_by_one'),
        ('voting', '0024_two_people_void_a_result'),
        ('voting', '0025_options_taken_off'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('assemblies', '0002_map'),
    ]

    operations = [
        migrations.CreateModel(
            name='Poll',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('owner_kind', models.CharField(max_length=20)),
                ('lane', models.CharField(blank=True, max_length=100)),
                ('question', models.CharField(max_length=200, verbose_name='question')),
                ('text', models.TextField(blank=True, verbose_name='text')),
                ('ballot_type', models.CharField(choices=[('yes_no', 'Yes, no or abstain'), ('choose_one', 'Choose one'), ('approval', 'Choose several'), ('ranked', 'Put in order'), ('points', 'Give points'), ('score', 'Give marks'), ('consensus', 'Find consensus')], max_length=20)),
                ('rule', models.CharField(max_length=40)),
                ('rule_parameters', models.JSONField(blank=True, default=dict)),
                ('compared_rules', models.JSONField(blank=True, default=list)),
                ('min_choices', models.PositiveIntegerField(default=0)),
                ('max_choices', models.PositiveIntegerField(blank=True, null=True)),
                ('ballot_parameters', models.JSONField(blank=True, default=dict)),
                ('budget', models.BigIntegerField(blank=True, null=True)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('secrecy', models.PositiveSmallIntegerField(choices=[(1, 'Stored with your name'), (2, 'Sealed: hidden from people, trusting this server'), (3, 'Secret: sealed, and two people must agree to open, close and publish')], default=1)),
                ('shown_while_open', models.CharField(choices=[('turnout', 'Only how many have voted'), ('tally', 'The running tally')], default='turnout', max_length=10)),
                ('published_at_close', models.BooleanField(default=False)),
                ('names_shown', models.BooleanField(default=False)),
                ('change_allowed', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('ready', 'Ready'), ('open', 'Open'), ('closing', 'Closing'), ('counted', 'Counted'), ('withheld', 'Counted, not shown yet'), ('published', 'Published'), ('voided', 'Void')], default='draft', max_length=10)),
                ('definition', models.JSONField(blank=True, null=True)),
                ('definition_hash', models.BinaryField(blank=True, max_length=32, null=True)),
                ('box_public_key', models.BinaryField(blank=True, max_length=32, null=True)),
                ('body_length', models.PositiveIntegerField(blank=True, null=True)),
                ('challenge_hours', models.PositiveIntegerField(default=0)),
                ('challenge_until', models.DateTimeField(blank=True, null=True)),
                ('keys_destroyed_at', models.DateTimeField(blank=True, null=True)),
                ('opened_at', models.DateTimeField(blank=True, null=True)),
                ('closes_at', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('void_reason', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('assembly', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='polls', to='assemblies.assembly')),
                ('follows', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='followed_by', to='voting.poll')),
            ],
            options={
                'ordering': ['created_at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'ready', 'open', 'closing', 'counted', 'withheld', 'published', 'voided'])), name='voting_poll_known_state'), models.CheckConstraint(condition=models.Q(('ballot_type__in', ['yes_no', 'choose_one', 'approval', 'ranked', 'points', 'score', 'consensus'])), name='voting_poll_known_ballot_type'), models.CheckConstraint(condition=models.Q(('secrecy__in', [1, 2, 3])), name='voting_poll_known_secrecy'), models.CheckConstraint(condition=models.Q(('closes_at__isnull', True), ('opened_at__isnull', True), ('closes_at__gt', models.F('opened_at')), _connector='OR'), name='voting_poll_closes_after_it_opens'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'voided'), _negated=True), models.Q(('void_reason', ''), _negated=True), _connector='OR'), name='voting_poll_void_has_reason'), models.CheckConstraint(condition=models.Q(('max_choices__isnull', True), ('max_choices__gte', models.F('min_choices')), _connector='OR'), name='voting_poll_choices_in_order'), models.CheckConstraint(condition=models.Q(('state__in', ('draft', 'ready')), ('opened_at__isnull', True), ('secrecy', 1), models.Q(('body_length__isnull', False), ('box_public_key__isnull', False), ('definition_hash__isnull', False)), _connector='OR'), name='voting_poll_sealed_has_keys'), models.CheckConstraint(condition=models.Q(('secrecy', 1), models.Q(('shown_while_open', 'tally'), _negated=True), _connector='OR'), name='voting_poll_sealed_shows_no_tally'), models.CheckConstraint(condition=models.Q(('secrecy', 1), ('names_shown', False), _connector='OR'), name='voting_poll_sealed_shows_no_names'), models.UniqueConstraint(condition=models.Q(('state', 'open'), models.Q(('lane', ''), _negated=True)), fields=('lane',), name='voting_poll_one_open_per_lane')],
                'triggers': [pgtrigger.compiler.Trigger(name='state_moves_forward', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE _is_valid_transition BOOLEAN;', func='SELECT CONCAT(OLD."state", \':\', NEW."state") = ANY(\'{draft:ready,ready:draft,ready:open,open:closing,closing:counted,closing:voided,counted:withheld,counted:published,withheld:published,draft:voided,ready:voided,open:voided,counted:voided,withheld:voided,published:voided}\'::text[]) INTO _is_valid_transition; IF (_is_valid_transition IS FALSE AND OLD."state" IS DISTINCT FROM NEW."state") THEN RAISE EXCEPTION \'pgtrigger: Invalid transition of field "state" from "%" to "%" on table %\', OLD."state", NEW."state", TG_TABLE_NAME; ELSE RETURN NEW; END IF;', hash='babc927f1a952a445d9b6f5b084e906f8178cfd6', operation='UPDATE', pgid='pgtrigger_state_moves_forward_96a6a', table='voting_poll', when='BEFORE')), pgtrigger.compiler.Trigger(name='closing_time_fixed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."opened_at" IS NOT NULL AND NOT (OLD."secrecy" = 1))', func='RAISE EXCEPTION \'pgtrigger: Cannot update of "closes_at" rows from % table\', TG_TABLE_NAME;', hash='9f3dd3a9537c292d967dec5172f79a9158f99f71', operation='UPDATE OF "closes_at"', pgid='pgtrigger_closing_time_fixed_99d2e', table='voting_poll', when='BEFORE')), pgtrigger.compiler.Trigger(name='begins_as_a_draft', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NOT (NEW."state" = \'draft\'))', func="RAISE EXCEPTION 'a poll begins as a draft';", hash='99d04a1d586d6a3a8fc9324b01a82d32688e8aef', operation='INSERT', pgid='pgtrigger_begins_as_a_draft_7a8eb', table='voting_poll', when='BEFORE')), pgtrigger.compiler.Trigger(name='four_eyes', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" IS DISTINCT FROM (NEW."state") AND (NEW."secrecy" = 3 OR OLD."state" = \'published\'))', declare='DECLARE wanted text;', func="\n                    wanted := CASE\n                        WHEN OLD.state = 'published' AND NEW.state = 'voided' THEN 'void'\n                        WHEN NEW.secrecy <> 3 THEN NULL\n                        WHEN NEW.state = 'open' THEN 'open'\n                        WHEN NEW.state = 'closing' AND (OLD.closes_at IS NULL OR clock_timestamp() < OLD.closes_at) THEN 'close'\n                        WHEN NEW.state = 'published' AND NOT NEW.published_at_close THEN 'publish'\n                        WHEN NEW.state = 'voided' AND OLD.state NOT IN ('draft', 'ready') THEN 'void'\n                    END;\n                    IF wanted IS NOT NULL AND (\n                        SELECT count(DISTINCT actor_id) FROM voting_approval\n                        WHERE poll_id = NEW.id AND action = wanted AND definition_hash = NEW.definition_hash\n                    ) < 2 THEN\n                        RAISE EXCEPTION '% needs the approval of two people to %',\n                            CASE WHEN OLD.state = 'published' THEN 'a result' ELSE 'a secret poll' END, wanted;\n                    END IF;\n                    RETURN NEW;\n                    ", hash='9455a9ae5d97d9de1243ccea474f5e1a9fbaec54', operation='UPDATE', pgid='pgtrigger_four_eyes_8d55f', table='voting_poll', when='BEFORE')), pgtrigger.compiler.Trigger(name='never_deleted_once_open', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" IN (\'open\', \'closing\', \'counted\', \'withheld\', \'published\', \'voided\'))', func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='c704e243f73e57d2177e6787958f31bf13e08583', operation='DELETE', pgid='pgtrigger_never_deleted_once_open_87863', table='voting_poll', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Option',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=80)),
                ('position', models.PositiveIntegerField()),
                ('title', models.CharField(max_length=300)),
                ('cost', models.BigIntegerField(blank=True, null=True)),
                ('poll', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='options', to='voting.poll')),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('poll', 'key'), name='voting_option_one_per_key'), models.UniqueConstraint(fields=('poll', 'position'), name='voting_option_one_per_position'), models.CheckConstraint(condition=models.Q(('cost__isnull', True), ('cost__gte', 0), _connector='OR'), name='voting_option_cost_not_negative')],
                'triggers': [pgtrigger.compiler.Trigger(name='frozen_with_the_poll', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF EXISTS (\n                        SELECT FROM voting_poll WHERE id IN (NEW.poll_id, OLD.poll_id) AND state NOT IN ('draft', 'ready')\n                    ) THEN\n                        RAISE EXCEPTION 'the options of a poll that has opened are frozen';\n                    END IF;\n                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n                    RETURN NEW;\n                    ", hash='62d4054389db2c265157301a46683837139fadbc', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_frozen_with_the_poll_94e1f', table='voting_option', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='ClosedBox',
            fields=[
                ('poll', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='closed_box', serialize=False, to='voting.poll')),
                ('receipts', models.BinaryField()),
                ('ballots', models.PositiveIntegerField()),
                ('root', models.BinaryField(max_length=32)),
            ],
            options={
                'triggers': [pgtrigger.compiler.Trigger(name='not_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'votes are never emptied out';", hash='d818be37224f87f4275b25394873f8b34ffc3239', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_not_emptied_e0377', table='voting_closedbox', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='dcb108c1249feb410de2587665ca42f050a05159', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_1a12a', table='voting_closedbox', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Publication',
            fields=[
                ('poll', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='publication', serialize=False, to='voting.poll')),
                ('kind', models.CharField(max_length=20)),
                ('root', models.BinaryField(max_length=32)),
                ('archive', models.BinaryField()),
                ('full_root', models.BinaryField(blank=True, max_length=32, null=True)),
                ('full_archive', models.BinaryField(blank=True, null=True)),
                ('code_seed', models.BinaryField(blank=True, max_length=32, null=True)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('full_archive__isnull', True), ('full_root__isnull', True)), models.Q(('full_archive__isnull', False), ('full_root__isnull', False)), _connector='OR'), name='voting_publication_full_archive_has_root')],
                'triggers': [pgtrigger.compiler.Trigger(name='not_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'votes are never emptied out';", hash='d87169de7eadb33d4cfdff82223682484af9fc4d', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_not_emptied_d3268', table='voting_publication', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='8bf9c5ba8a6e7f02ad6c7e17939463bd79e7bd61', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_a5a96', table='voting_publication', when='BEFORE')), pgtrigger.compiler.Trigger(name='never_before_the_result', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NOT EXISTS (SELECT FROM voting_poll WHERE id = NEW.poll_id AND state = 'published') THEN\n                        RAISE EXCEPTION 'nothing is published of a poll whose result is not';\n                    END IF;\n                    RETURN NEW;\n                    ", hash='dace8f52e9db5267cb556956df7e4cac6e0c9cbc', operation='INSERT', pgid='pgtrigger_never_before_the_result_95389', table='voting_publication', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='BoxedBallot',
            fields=[
                ('pk', models.CompositePrimaryKey('poll', 'tracking', 'copy', blank=True, editable=False, primary_key=True, serialize=False)),
                ('tracking', models.BinaryField(max_length=10)),
                ('copy', models.PositiveSmallIntegerField(default=0)),
                ('weight', models.PositiveIntegerField()),
                ('channel', models.CharField(max_length=20)),
                ('choice', models.JSONField()),
                ('poll', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='boxed_ballots', to='voting.poll')),
            ],
            options={
                'triggers': [pgtrigger.compiler.Trigger(name='not_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'votes are never emptied out';", hash='34d4785dc2fec40062a93840b4822b5be059ff1e', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_not_emptied_cb29d', table='voting_boxedballot', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='990b333789ee04e4bbf25fe452faa43e9abef8b7', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_24481', table='voting_boxedballot', when='BEFORE')), pgtrigger.compiler.Trigger(name='only_at_the_count', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NOT EXISTS (\n                        SELECT FROM voting_poll WHERE id = NEW.poll_id AND state = 'closing' AND secrecy <> 1\n                    ) THEN\n                        RAISE EXCEPTION 'the ballot box is filled once, when the poll is counted';\n                    END IF;\n                    RETURN NEW;\n                    ", hash='858c4e4410d72a7b67e6c4f07687dfa9a9a2e559', operation='INSERT', pgid='pgtrigger_only_at_the_count_23804', table='voting_boxedballot', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Approval',
            fields=[
                ('pk', models.CompositePrimaryKey('poll', 'action', 'actor', 'definition_hash', blank=True, editable=False, primary_key=True, serialize=False)),
                ('action', models.CharField(max_length=80)),
                ('definition_hash', models.BinaryField(max_length=32)),
                ('reason', models.TextField(blank=True)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('poll', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='approvals', to='voting.poll')),
            ],
            options={
                'triggers': [pgtrigger.compiler.Trigger(name='not_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'votes are never emptied out';", hash='fa9c68a8173149d5a0e15829e8e7fa3ea5280481', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_not_emptied_d87fa', table='voting_approval', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='9be50a397759bbe748939c10111ae88216d2f11f', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_15632', table='voting_approval', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='ActorReference',
            fields=[
                ('reference', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('poll', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='voting.poll')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('poll', 'user'), name='voting_actorreference_one_per_person')],
            },
        ),
        migrations.CreateModel(
            name='CodeBatch',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('scope', models.CharField(max_length=80)),
                ('label', models.CharField(max_length=80, verbose_name='what these codes are for')),
                ('size', models.PositiveIntegerField(verbose_name='how many')),
                ('counts_once_entered', models.BooleanField(default=False)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('assembly', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='code_batches', to='assemblies.assembly')),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['made_at', 'pk'],
                'indexes': [models.Index(fields=['scope'], name='voting_codebatch_by_scope')],
                'constraints': [models.CheckConstraint(condition=models.Q(('size__gte', 1)), name='voting_codebatch_not_empty')],
                'triggers': [pgtrigger.compiler.Trigger(name='revoked_for_good', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."revoked_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='c52b3c4163cc6c849f26768b503b7e33fcc32ed3', operation='UPDATE', pgid='pgtrigger_revoked_for_good_b05d4', table='voting_codebatch', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Credential',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('code_hash', models.BinaryField(max_length=32, unique=True)),
                ('entry', models.UUIDField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('batch', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='credentials', to='voting.codebatch')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('batch', 'number'), name='voting_credential_one_per_number')],
                'triggers': [pgtrigger.compiler.Trigger(name='not_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'votes are never emptied out';", hash='948f0db06d18e6c69a6a96a8de807bdc23a6fb04', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_not_emptied_8fd74', table='voting_credential', when='BEFORE')), pgtrigger.compiler.Trigger(name='stays_what_it_is', sql=pgtrigger.compiler.UpsertTriggerSql(func='RAISE EXCEPTION \'pgtrigger: Cannot update of "id", "batch_id", "number", "code_hash" rows from % table\', TG_TABLE_NAME;', hash='cdab9f84d0c5434ecefd2c9fc2bfc9b0dffbcca4', operation='UPDATE OF "id", "batch_id", "number", "code_hash"', pgid='pgtrigger_stays_what_it_is_d0213', table='voting_credential', when='BEFORE')), pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='f4deba0afe0206b6c4fb88db0b04fd5642ce2f5c', operation='DELETE', pgid='pgtrigger_never_deleted_68ff5', table='voting_credential', when='BEFORE')), pgtrigger.compiler.Trigger(name='card_revoked_for_good', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."revoked_at" IS NOT NULL)', func='RAISE EXCEPTION \'pgtrigger: Cannot update of "revoked_at" rows from % table\', TG_TABLE_NAME;', hash='d99a1833a05d24cbef8daeb499355216707846ad', operation='UPDATE OF "revoked_at"', pgid='pgtrigger_card_revoked_for_good_55854', table='voting_credential', when='BEFORE'))],
            },
        ),
        # One partition for each poll, made when it opens and dropped after its count: Django cannot say that.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='Envelope',
                    fields=[
                        ('pk', models.CompositePrimaryKey('poll', 'slot', blank=True, editable=False, primary_key=True, serialize=False)),
                        ('poll', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='envelopes', to='voting.poll')),
                        ('slot', models.BinaryField(max_length=32)),
                        ('body', models.BinaryField()),
                        ('key_hash', models.BinaryField(max_length=32)),
                        ('earlier_keys', models.BinaryField(default=bytes)),
                        ('revision', models.PositiveIntegerField(default=1)),
                    ],
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    """
                    CREATE TABLE voting_envelope (
                        poll_id uuid NOT NULL,
                        slot bytea NOT NULL,
                        body bytea NOT NULL,
                        key_hash bytea NOT NULL,
                        earlier_keys bytea NOT NULL,
                        revision integer NOT NULL CHECK (revision >= 1),
                        PRIMARY KEY (poll_id, slot)
                    ) PARTITION BY LIST (poll_id);
                    CREATE FUNCTION voting_envelopes_stay() RETURNS trigger LANGUAGE plpgsql
                        AS $$ BEGIN RAISE EXCEPTION 'votes are never emptied out'; END $$;
                    """,
                    "DROP TABLE voting_envelope; DROP FUNCTION voting_envelopes_stay();",
                ),
            ],
        ),
        migrations.CreateModel(
            name='OptionWithdrawal',
            fields=[
                ('option', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='withdrawal', serialize=False, to='voting.option')),
                ('reason', models.TextField()),
                ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                'ordering': ['at'],
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='voting_withdrawal_has_reason')],
                'triggers': [pgtrigger.compiler.Trigger(name='not_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'votes are never emptied out';", hash='7fd12e95d2a18d5b5b854db177217dc8cf870c99', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_not_emptied_ad1d5', table='voting_optionwithdrawal', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='906d8b258a86147ff4a7b88665dbe40a5d5effc6', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_bb1ba', table='voting_optionwithdrawal', when='BEFORE')), pgtrigger.compiler.Trigger(name='while_people_vote', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NOT EXISTS (\n                        SELECT FROM voting_option o JOIN voting_poll p ON p.id = o.poll_id\n                        WHERE o.id = NEW.option_id AND p.state = 'open'\n                    ) THEN\n                        RAISE EXCEPTION 'an option is taken off the ballot only while people vote';\n                    END IF;\n                    RETURN NEW;\n                    ", hash='78c201cc5b0380ffd5b991bb9bb171caf6793613', operation='INSERT', pgid='pgtrigger_while_people_vote_4c99d', table='voting_optionwithdrawal', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Register',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('electorate', models.CharField(choices=[('residents', 'Verified residents'), ('members', 'All members'), ('codes', 'Only people with a voter code')], default='residents', max_length=10, verbose_name='who may vote')),
                ('late_admission', models.CharField(choices=[('lock', 'Nobody is added after voting opened'), ('admit', 'People who come later can be added while voting is open')], default='lock', max_length=10, verbose_name='people who come later')),
                ('max_polls', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('frozen_at', models.DateTimeField(blank=True, null=True)),
                ('assembly', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='registers', to='assemblies.assembly')),
                ('district', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assemblies.district', verbose_name='only those living in')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('electorate__in', ['residents', 'members', 'codes'])), name='voting_register_known_electorate'), models.CheckConstraint(condition=models.Q(('late_admission__in', ['lock', 'admit'])), name='voting_register_known_late_admission'), models.CheckConstraint(condition=models.Q(('max_polls__isnull', True), ('max_polls__gte', 1), _connector='OR'), name='voting_register_one_poll_at_least')],
                'triggers': [pgtrigger.compiler.Trigger(name='frozen_for_good', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."frozen_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='ca8ec4dc3768508bf0b57d96e6531a89b7013b5a', operation='UPDATE OR DELETE', pgid='pgtrigger_frozen_for_good_c2460', table='voting_register', when='BEFORE'))],
            },
        ),
        migrations.AddField(
            model_name='poll',
            name='register',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='polls', to='voting.register'),
        ),
        migrations.CreateModel(
            name='RegisterLine',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('weight', models.PositiveIntegerField(default=1)),
                ('presence', models.CharField(blank=True, choices=[('', 'Not asked'), ('in_room', 'In the room'), ('remote', 'From elsewhere')], default='', max_length=10)),
                ('paper_issued', models.BooleanField(default=False)),
                ('late', models.BooleanField(default=False)),
                ('label', models.CharField(blank=True, max_length=120)),
                ('credential', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='register_lines', to='voting.credential')),
                ('membership', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='register_lines', to='assemblies.membership')),
                ('proxy', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='proxy_lines', to='assemblies.membership')),
                ('register', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='voting.register')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('register', 'membership'), name='voting_registerline_one_per_member'), models.UniqueConstraint(fields=('register', 'credential'), name='voting_registerline_one_per_code'), models.CheckConstraint(condition=models.Q(('weight__gte', 1)), name='voting_registerline_has_weight'), models.CheckConstraint(condition=models.Q(('membership__isnull', True), ('credential__isnull', True), _connector='OR'), name='voting_registerline_member_or_code'), models.CheckConstraint(condition=models.Q(('proxy__isnull', True), models.Q(('membership__isnull', False), models.Q(('proxy', models.F('membership')), _negated=True)), _connector='OR'), name='voting_registerline_proxy_of_another_member'), models.CheckConstraint(condition=models.Q(('presence__in', ['', 'in_room', 'remote'])), name='voting_registerline_known_presence')],
                'triggers': [pgtrigger.compiler.Trigger(name='not_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'votes are never emptied out';", hash='2ddb8497c46f2a571495c4193e1b31ae9724a951', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_not_emptied_8e8f3', table='voting_registerline', when='BEFORE')), pgtrigger.compiler.Trigger(name='frozen_with_the_register', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE roll voting_register;', func="\n                    SELECT * INTO roll FROM voting_register\n                    WHERE id IN (NEW.register_id, OLD.register_id) AND frozen_at IS NOT NULL;\n                    IF FOUND THEN\n                        IF TG_OP <> 'INSERT' OR NOT NEW.late OR roll.late_admission <> 'admit' THEN\n                            RAISE EXCEPTION 'the register is frozen';\n                        END IF;\n                        IF NOT EXISTS (SELECT FROM voting_poll WHERE register_id = roll.id AND state = 'open')\n                            OR EXISTS (\n                                SELECT FROM voting_poll WHERE register_id = roll.id\n                                    AND state IN ('closing', 'counted', 'withheld', 'published')\n                            ) THEN\n                            RAISE EXCEPTION 'nobody is added to a register whose poll is not open';\n                        END IF;\n                    ELSIF TG_OP <> 'DELETE' AND NEW.late THEN\n                        RAISE EXCEPTION 'nobody is late before the register is frozen';\n                    END IF;\n                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n                    RETURN NEW;\n                    ", hash='817998b93ee49c7bce3941cf5ee35049a1da62cc', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_frozen_with_the_register_7a8f2', table='voting_registerline', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='OpenBallotHistory',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('choice', models.JSONField()),
                ('key_hash', models.BinaryField(max_length=32)),
                ('channel', models.CharField(max_length=20)),
                ('revision', models.PositiveIntegerField()),
                ('cast_at', models.DateTimeField()),
                ('poll', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='voting.poll')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='voting.registerline')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('poll', 'line', 'revision'), name='voting_openballothistory_one_per_revision')],
                'triggers': [pgtrigger.compiler.Trigger(name='not_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'votes are never emptied out';", hash='2863006ecc1c33e7f4921d93d3506c58d442feb2', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_not_emptied_60625', table='voting_openballothistory', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='e5c73677dc6ffead01f9ec3ffae92ab41936f866', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_749c4', table='voting_openballothistory', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='OpenBallot',
            fields=[
                ('pk', models.CompositePrimaryKey('poll', 'line', blank=True, editable=False, primary_key=True, serialize=False)),
                ('choice', models.JSONField()),
                ('key_hash', models.BinaryField(max_length=32)),
                ('channel', models.CharField(default='web', max_length=20)),
                ('revision', models.PositiveIntegerField(default=1)),
                ('cast_at', models.DateTimeField()),
                ('poll', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='ballots', to='voting.poll')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ballots', to='voting.registerline')),
            ],
            options={
                'triggers': [pgtrigger.compiler.Trigger(name='not_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'votes are never emptied out';", hash='02820928fb60f97bee4cf2c13815c595af70772d', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_not_emptied_41558', table='voting_openballot', when='BEFORE')), pgtrigger.compiler.Trigger(name='never_deleted', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='26be11b8d3d10b71e17efc7fac86a44f05797c14', operation='DELETE', pgid='pgtrigger_never_deleted_77d6d', table='voting_openballot', when='BEFORE')), pgtrigger.compiler.Trigger(name='only_while_open', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE poll voting_poll;', func="\n                    SELECT * INTO poll FROM voting_poll WHERE id = NEW.poll_id;\n                    IF poll.state IS DISTINCT FROM 'open' THEN\n                        RAISE EXCEPTION 'the poll is not open';\n                    END IF;\n                    IF NOT EXISTS (\n                        SELECT FROM voting_poll p JOIN voting_registerline l ON l.register_id = p.register_id\n                        WHERE p.id = NEW.poll_id AND l.id = NEW.line_id\n                    ) THEN\n                        RAISE EXCEPTION 'the line is not in the register of the poll';\n                    END IF;\n                    IF TG_OP = 'UPDATE' THEN\n                        IF NOT poll.change_allowed OR coalesce(clock_timestamp() >= poll.closes_at, false) THEN\n                            RAISE EXCEPTION 'ballots of this poll cannot be changed';\n                        END IF;\n                        IF NEW.poll_id <> OLD.poll_id OR NEW.line_id <> OLD.line_id OR NEW.revision <> OLD.revision + 1 THEN\n                            RAISE EXCEPTION 'a ballot changes only by its next revision';\n                        END IF;\n                        INSERT INTO voting_openballothistory (id, poll_id, line_id, choice, key_hash, channel, revision, cast_at)\n                        VALUES (gen_random_uuid(), OLD.poll_id, OLD.line_id, OLD.choice, OLD.key_hash, OLD.channel, OLD.revision, OLD.cast_at);\n                    END IF;\n                    RETURN NEW;\n                    ", hash='a5b2ec3d30504f540ce3c45a79bb619071343654', operation='INSERT OR UPDATE', pgid='pgtrigger_only_while_open_169a4', table='voting_openballot', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='RegisterUse',
            fields=[
                ('pk', models.CompositePrimaryKey('register', 'slot', 'poll', blank=True, editable=False, primary_key=True, serialize=False)),
                ('slot', models.BinaryField(max_length=32)),
                ('poll', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='voting.poll')),
                ('register', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='voting.register')),
            ],
            options={
                'triggers': [pgtrigger.compiler.Trigger(name='not_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'votes are never emptied out';", hash='6701673c141549211dce90a53057dcf1c52e28da', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_not_emptied_6fd57', table='voting_registeruse', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='91ac012c21c9aaabb90282575617af472021f954', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_53c80', table='voting_registeruse', when='BEFORE')), pgtrigger.compiler.Trigger(name='at_most_so_many_polls', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE most int; used int;', func="\n                    -- The voter's slot: another ballot of the same person waits here, then sees this one.\n                    PERFORM pg_advisory_xact_lock(('x' || encode(substr(NEW.slot, 1, 8), 'hex'))::bit(64)::bigint);\n                    SELECT r.max_polls INTO most FROM voting_register r JOIN voting_poll p ON p.register_id = r.id\n                    WHERE r.id = NEW.register_id AND p.id = NEW.poll_id AND p.state = 'open';\n                    IF NOT FOUND OR octet_length(NEW.slot) <> 32 THEN\n                        RAISE EXCEPTION 'the poll is not open on this register';\n                    END IF;\n                    SELECT count(*) INTO used FROM voting_registeruse u JOIN voting_poll p ON p.id = u.poll_id\n                    WHERE u.register_id = NEW.register_id AND u.slot = NEW.slot AND p.state <> 'voided';\n                    IF used >= most THEN\n                        RAISE EXCEPTION 'this voter has voted in as many polls as the register allows';\n                    END IF;\n                    RETURN NEW;\n                    ", hash='eacaf866548b0efc17d3c5fb2e81dbd38a0b67ce', operation='INSERT', pgid='pgtrigger_at_most_so_many_polls_56911', table='voting_registeruse', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Removal',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('slot', models.BinaryField(blank=True, max_length=32, null=True)),
                ('reason', models.CharField(max_length=500)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('agreed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='removals', to='voting.registerline')),
                ('poll', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='removals', to='voting.poll')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='voting_removal_has_reason'), models.UniqueConstraint(fields=('poll', 'line'), name='voting_removal_one_per_line')],
                'triggers': [pgtrigger.compiler.Trigger(name='not_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'votes are never emptied out';", hash='0c4932502f65dc867be5bd9d0f9ef107f50491a6', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_not_emptied_5669a', table='voting_removal', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='7c4c6f2baf5dd7a965cbda863670c8f82ca2ad96', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_677a8', table='voting_removal', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Result',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('rule', models.CharField(max_length=40)),
                ('is_binding', models.BooleanField(default=False)),
                ('outcome', models.JSONField()),
                ('outcome_hash', models.BinaryField(max_length=32)),
                ('engine', models.CharField(max_length=40)),
                ('counted_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('poll', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='results', to='voting.poll')),
            ],
            options={
                'ordering': ['-is_binding', 'rule'],
                'constraints': [models.UniqueConstraint(fields=('poll', 'rule'), name='voting_result_one_per_rule'), models.UniqueConstraint(condition=models.Q(('is_binding', True)), fields=('poll',), name='voting_result_one_binding')],
                'triggers': [pgtrigger.compiler.Trigger(name='not_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'votes are never emptied out';", hash='67ddd1c87060a1c0dc6f2c4f108d5d536f658db8', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_not_emptied_b373a', table='voting_result', when='BEFORE')), pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='244e782ddeef17f5a5ec704c5aead3760e340704', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_7a2db', table='voting_result', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Scrutineer',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('named_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('signed_at', models.DateTimeField(blank=True, null=True)),
                ('agrees', models.BooleanField(blank=True, null=True)),
                ('remark', models.CharField(blank=True, max_length=500)),
                ('membership', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scrutinies', to='assemblies.membership')),
                ('named_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('poll', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='scrutineers', to='voting.poll')),
            ],
            options={
                'ordering': ['named_at'],
                'constraints': [models.UniqueConstraint(fields=('poll', 'membership'), name='voting_scrutineer_one_seat_each'), models.CheckConstraint(condition=models.Q(models.Q(('agrees__isnull', True), ('signed_at__isnull', True)), models.Q(('agrees__isnull', False), ('signed_at__isnull', False)), _connector='OR'), name='voting_scrutineer_signs_with_a_word')],
                'triggers': [pgtrigger.compiler.Trigger(name='not_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'votes are never emptied out';", hash='798c96d503e5dfe4cfaeedd55c4e5801a93bb04d', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_not_emptied_22c36', table='voting_scrutineer', when='BEFORE')), pgtrigger.compiler.Trigger(name='signed_for_good', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."signed_at" IS NOT NULL)', func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='cbdd9ddf45d0be06058fc420a9e2a0e0bc2eaf44', operation='UPDATE OR DELETE', pgid='pgtrigger_signed_for_good_0a2ec', table='voting_scrutineer', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='Trustee',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('public_key', models.BinaryField(blank=True, max_length=32, null=True)),
                ('canary', models.BinaryField(blank=True, null=True)),
                ('canary_hash', models.BinaryField(blank=True, max_length=32, null=True)),
                ('proved_at', models.DateTimeField(blank=True, null=True)),
                ('poll', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='trustees', to='voting.poll')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.UniqueConstraint(fields=('poll', 'user'), name='voting_trustee_one_per_person'), models.UniqueConstraint(fields=('poll', 'public_key'), name='voting_trustee_one_per_key'), models.CheckConstraint(condition=models.Q(models.Q(('canary__isnull', False), ('canary_hash__isnull', False), ('public_key__isnull', False)), models.Q(('canary__isnull', True), ('canary_hash__isnull', True), ('proved_at__isnull', True), ('public_key__isnull', True)), _connector='OR'), name='voting_trustee_proves_a_key')],
                'triggers': [pgtrigger.compiler.Trigger(name='not_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'votes are never emptied out';", hash='ae0225f67252f2e561a12f97c5471fa89aba5cda', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_not_emptied_b44e2', table='voting_trustee', when='BEFORE')), pgtrigger.compiler.Trigger(name='frozen_with_the_poll', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF EXISTS (\n                        SELECT FROM voting_poll WHERE id IN (NEW.poll_id, OLD.poll_id) AND state NOT IN ('draft', 'ready')\n                    ) THEN\n                        RAISE EXCEPTION 'the trustees of a poll that has opened are fixed';\n                    END IF;\n                    IF TG_OP <> 'DELETE' AND (\n                        SELECT count(*) FROM voting_trustee WHERE poll_id = NEW.poll_id AND id <> NEW.id\n                    ) > 2 THEN\n                        RAISE EXCEPTION 'a poll has three trustees at most';\n                    END IF;\n                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;\n                    RETURN NEW;\n                    ", hash='51d3542fff2541f0c3d225711bdc285649de73b5', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_frozen_with_the_poll_894bb', table='voting_trustee', when='BEFORE'))],
            },
        ),
        migrations.CreateModel(
            name='SealedKey',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('body', models.BinaryField()),
                ('peeled', models.BinaryField(blank=True, null=True)),
                ('poll', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sealed_keys', to='voting.poll')),
                ('inner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='inner_layers', to='voting.trustee')),
                ('outer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='outer_layers', to='voting.trustee')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('outer', 'inner'), name='voting_sealedkey_one_per_pair'), models.CheckConstraint(condition=models.Q(('outer', models.F('inner')), _negated=True), name='voting_sealedkey_two_people')],
                'triggers': [pgtrigger.compiler.Trigger(name='not_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'votes are never emptied out';", hash='4cd6d993d20b87b651b096ad928d7f4790d3241e', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_not_emptied_7352e', table='voting_sealedkey', when='BEFORE')), pgtrigger.compiler.Trigger(name='in_its_time', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE poll_state text;', func="\n                    IF TG_OP = 'DELETE' THEN\n                        SELECT state INTO poll_state FROM voting_poll WHERE id = OLD.poll_id;\n                        IF poll_state NOT IN ('counted', 'withheld', 'published', 'voided') THEN\n                            RAISE EXCEPTION 'the key of a box that is not counted stays';\n                        END IF;\n                        RETURN OLD;\n                    END IF;\n                    SELECT state INTO poll_state FROM voting_poll WHERE id = NEW.poll_id;\n                    IF TG_OP = 'INSERT' AND (poll_state NOT IN ('draft', 'ready') OR NEW.peeled IS NOT NULL) THEN\n                        RAISE EXCEPTION 'the key of a box is sealed when its poll opens';\n                    END IF;\n                    IF TG_OP = 'UPDATE' AND (\n                        poll_state <> 'closing' OR OLD.peeled IS NOT NULL OR NEW.body <> OLD.body\n                        OR NEW.poll_id <> OLD.poll_id OR NEW.outer_id <> OLD.outer_id OR NEW.inner_id <> OLD.inner_id\n                    ) THEN\n                        RAISE EXCEPTION 'a layer is peeled once, after the close';\n                    END IF;\n                    RETURN NEW;\n                    ", hash='a02ee643f318f7e715d9dc0642b9e5557f77b7c6', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_in_its_time_1eef6', table='voting_sealedkey', when='BEFORE'))],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='envelope',
            trigger=pgtrigger.compiler.Trigger(name='not_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'votes are never emptied out';", hash='fb92ea9cf2e4e4e9c7fe4566c03e31bd3f50b767', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_not_emptied_af45f', table='voting_envelope', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='envelope',
            trigger=pgtrigger.compiler.Trigger(name='only_while_open', sql=pgtrigger.compiler.UpsertTriggerSql(declare='DECLARE poll voting_poll;', func="\n                    SELECT * INTO poll FROM voting_poll WHERE id = NEW.poll_id;\n                    IF poll.state IS DISTINCT FROM 'open' OR poll.secrecy = 1 THEN\n                        RAISE EXCEPTION 'the poll is not open for sealed ballots';\n                    END IF;\n                    IF octet_length(NEW.slot) <> 32 OR octet_length(NEW.key_hash) <> 32\n                        OR octet_length(NEW.body) IS DISTINCT FROM poll.body_length THEN\n                        RAISE EXCEPTION 'every envelope of a poll has the same length';\n                    END IF;\n                    IF TG_OP = 'INSERT' AND NEW.revision <> 1 THEN\n                        RAISE EXCEPTION 'the first ballot of a slot is revision 1';\n                    END IF;\n                    IF TG_OP = 'UPDATE' THEN\n                        IF NOT poll.change_allowed OR coalesce(clock_timestamp() >= poll.closes_at, false) THEN\n                            RAISE EXCEPTION 'ballots of this poll cannot be changed';\n                        END IF;\n                        IF NEW.poll_id <> OLD.poll_id OR NEW.slot <> OLD.slot OR NEW.revision <> OLD.revision + 1\n                            OR NEW.earlier_keys <> OLD.earlier_keys || OLD.key_hash THEN\n                            RAISE EXCEPTION 'an envelope changes only by its next revision';\n                        END IF;\n                    END IF;\n                    RETURN NEW;\n                    ", hash='856def31df0a428fae5cd126618fbf1d6268ef6e', operation='INSERT OR UPDATE', pgid='pgtrigger_only_while_open_accad', table='voting_envelope', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='envelope',
            trigger=pgtrigger.compiler.Trigger(name='removed_by_two_people_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NOT EXISTS (\n                        SELECT FROM voting_removal r JOIN voting_poll p ON p.id = r.poll_id\n                        WHERE r.poll_id = OLD.poll_id AND r.slot = OLD.slot AND r.agreed_by_id <> r.asked_by_id\n                            AND (p.state = 'open' OR (p.state = 'closing' AND p.secrecy = 2))\n                            AND 2 = (\n                                SELECT count(*) FROM voting_approval a\n                                WHERE a.poll_id = r.poll_id AND a.action = 'remove:' || encode(r.slot, 'hex')\n                                    AND a.actor_id IN (r.asked_by_id, r.agreed_by_id)\n                            )\n                    ) THEN\n                        RAISE EXCEPTION 'envelopes are never deleted';\n                    END IF;\n                    RETURN OLD;\n                    ", hash='932ef649addfeb6adbb8bbf186ef043fb2905cd8', operation='DELETE', pgid='pgtrigger_removed_by_two_people_only_16b94', table='voting_envelope', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='poll',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('draft', 'ready')), ('state', 'voided'), models.Q(('definition__isnull', False), ('opened_at__isnull', False), ('register__isnull', False)), _connector='OR'), name='voting_poll_open_has_register_and_definition'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='poll',
            trigger=pgtrigger.compiler.Trigger(name='definition_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" IN (\'open\', \'closing\', \'counted\', \'withheld\', \'published\', \'voided\'))', func='RAISE EXCEPTION \'pgtrigger: Cannot update of "assembly_id", "question", "text", "ballot_type", "rule", "rule_parameters", "compared_rules", "secrecy", "shown_while_open", "change_allowed", "min_choices", "max_choices", "ballot_parameters", "budget", "currency", "follows_id", "definition", "definition_hash", "box_public_key", "body_length", "challenge_hours", "published_at_close", "names_shown", "register_id", "opened_at", "owner_kind", "lane" rows from % table\', TG_TABLE_NAME;', hash='ea0ab1314a72bd6f468559c77741d439e34ba5b6', operation='UPDATE OF "assembly_id", "question", "text", "ballot_type", "rule", "rule_parameters", "compared_rules", "secrecy", "shown_while_open", "change_allowed", "min_choices", "max_choices", "ballot_parameters", "budget", "currency", "follows_id", "definition", "definition_hash", "box_public_key", "body_length", "challenge_hours", "published_at_close", "names_shown", "register_id", "opened_at", "owner_kind", "lane"', pgid='pgtrigger_definition_frozen_c0288', table='voting_poll', when='BEFORE')),
        ),
    ]
