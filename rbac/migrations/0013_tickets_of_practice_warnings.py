"""The desk is told again of what it answered without mending: a warning names its ticket. Version 0.2.0 has none."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0012_signatures_by_agreement"),
        ("rbac", "0012_reviews_of_practices"),
    ]

    operations = [
        migrations.AddField(
            model_name="practicewarning",
            name="ticket",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="identity.ticket"
            ),
        ),
    ]
