import django.db.models.deletion
import django.utils.timezone
import uuid
from django.db import migrations, models


def give_projects_their_pins(apps, schema_editor):
    """A project stands where its proposal stands."""
    pinned = apps.get_model("proposals", "Proposal").objects.filter(pk=models.OuterRef("proposal"))
    apps.get_model("proposals", "Project").objects.filter(
        latitude=None, proposal__latitude__isnull=False
    ).update(
        latitude=models.Subquery(pinned.values("latitude")[:1]),
        longitude=models.Subquery(pinned.values("longitude")[:1]),
    )


class Migration(migrations.Migration):

    dependencies = [
        ('proposals', '0033_quick_lists'),
    ]

    operations = [
        migrations.RunPython(give_projects_their_pins, migrations.RunPython.noop),
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
    ]
