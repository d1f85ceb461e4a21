import json

from django.db import migrations

from identity.keys.fields import EncryptedJSONField, encrypt

A_CHUNK = 500


def seal_answers(apps, schema_editor):
    """Every answer, in both tables."""
    for name in ("Submission", "Printout"):
        model = apps.get_model("accessforms", name)
        last = 0
        while rows := list(model.objects.filter(pk__gt=last).order_by("pk").only("pk", "answers")[:A_CHUNK]):
            last = rows[-1].pk
            for row in rows:
                row.answers = encrypt(json.dumps(json.loads(row.answers)))
            model.objects.bulk_update(rows, ["answers"])


class Migration(migrations.Migration):
    dependencies = [("accessforms", "0003_answers_sealed")]

    operations = [
        migrations.RunPython(seal_answers, migrations.RunPython.noop),
        *(
            migrations.AlterField(model_name=name, name="answers", field=EncryptedJSONField(default=dict))
            for name in ("submission", "printout")
        ),
    ]
