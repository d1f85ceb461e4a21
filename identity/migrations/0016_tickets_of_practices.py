"""Tickets that are a practice's too, which their writers were told, and the page they were written from. Older tickets
name a practice and stay their writer's alone: nobody told them otherwise."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("identity", "0015_text_and_scan_of_files")]

    operations = [
        migrations.AddField(
            model_name="ticket",
            name="for_practice",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="ticket",
            name="page",
            field=models.CharField(blank=True, default="", max_length=200, verbose_name="page"),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=Q(for_practice=True), fields=["practice_id", "-opened_at"], name="ticket_of_practice"
            ),
        ),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=Q(for_practice=False) | Q(practice_id__isnull=False), name="ticket_for_practice_has_one"
            ),
        ),
    ]
