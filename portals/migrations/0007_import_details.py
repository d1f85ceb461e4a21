"""A refused row of a list keeps what its reason names."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("portals", "0006_application_names")]
    operations = [
        migrations.AddField(
            "legacyimportrow", "detail", models.CharField(max_length=100, blank=True, default=""), preserve_default=False
        ),
    ]
