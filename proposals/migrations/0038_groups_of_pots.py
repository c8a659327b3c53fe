import uuid

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('assemblies', '0002_map'),
        ('proposals', '0037_merges_and_splits'),
        ('voting', '0025_options_taken_off'),
    ]

    operations = [
        migrations.CreateModel(
            name='HeadingGroup',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('title', models.CharField(max_length=80, verbose_name='title')),
                ('max_headings', models.PositiveSmallIntegerField(default=1)),
                ('position', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'ordering': ['position', 'title'],
            },
        ),
        migrations.AddField(
            model_name='cycle',
            name='contact',
            field=models.CharField(blank=True, max_length=200, verbose_name='contact'),
        ),
        migrations.AddField(
            model_name='cycle',
            name='version',
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name='heading',
            name='is_citywide',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='headinggroup',
            name='cycle',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='groups', to='proposals.cycle'),
        ),
        migrations.AddField(
            model_name='headinggroup',
            name='register',
            field=models.OneToOneField(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='voting.register'),
        ),
        migrations.AddField(
            model_name='heading',
            name='group',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='headings', to='proposals.headinggroup'),
        ),
        migrations.AddConstraint(
            model_name='heading',
            constraint=models.UniqueConstraint(condition=models.Q(('is_citywide', True)), fields=('cycle',), name='proposals_heading_one_citywide'),
        ),
        migrations.AddConstraint(
            model_name='heading',
            constraint=models.CheckConstraint(condition=models.Q(('is_citywide', False), models.Q(('district__isnull', True), ('group__isnull', True)), _connector='OR'), name='proposals_heading_citywide_is_for_all'),
        ),
        migrations.AddConstraint(
            model_name='headinggroup',
            constraint=models.UniqueConstraint(fields=('cycle', 'title'), name='proposals_headinggroup_one_per_title'),
        ),
        migrations.AddConstraint(
            model_name='headinggroup',
            constraint=models.CheckConstraint(condition=models.Q(('max_headings__gte', 1)), name='proposals_headinggroup_one_vote_at_least'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='heading',
            trigger=pgtrigger.compiler.Trigger(name='group_of_its_cycle', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."group_id" IS NOT NULL)', func="\n                    IF NOT EXISTS (\n                        SELECT FROM proposals_headinggroup WHERE id = NEW.group_id AND cycle_id = NEW.cycle_id\n                    ) THEN\n                        RAISE EXCEPTION 'a pot is in a group of its own budget';\n                    END IF;\n                    RETURN NEW;\n                    ", hash='149225abad0f1d888c47bf95306055c16aab63d0', operation='INSERT OR UPDATE OF "group_id", "cycle_id"', pgid='pgtrigger_group_of_its_cycle_85875', table='proposals_heading', when='BEFORE')),
        ),
    ]
