"""The columns that became messages go, and a claim has an end."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0005_ticket_texts")]

    operations = [
        migrations.RemoveField(model_name="ticket", name="text"),
        migrations.RemoveField(model_name="ticket", name="answer"),
        migrations.AddConstraint(
            model_name="ticket",
            constraint=models.CheckConstraint(
                condition=models.Q(claimed_by=None, claimed_until=None)
                | models.Q(claimed_by__isnull=False, claimed_until__isnull=False),
                name="ticket_claim_has_an_end",
            ),
        ),
    ]
