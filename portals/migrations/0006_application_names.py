"""The unique form of an application's name gets a column: of two that are registered at once, one wins (L3)."""

from django.db import migrations, models

from portals.models.sign_on import name_key


def fill(apps, schema_editor):
    for application in apps.get_model("portals", "Application").objects.select_related("client"):
        application.name_key = name_key(application.client.name)
        application.save(update_fields=["name_key"])


class Migration(migrations.Migration):
    dependencies = [('portals', '0005_spoken_names')]
    operations = [
        migrations.AddField("application", "name_key", models.CharField(max_length=300, editable=False, default="")),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AlterField(
            "application", "name_key", models.CharField(max_length=300, editable=False, unique=True)
        ),
    ]
