import identity.keys.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """Practices and tax IDs of a grant stand in its memberships alone; tax IDs are looked up by their key."""

    dependencies = [("rbac", "0003_rows_of_memberships")]

    operations = [
        migrations.AlterField(
            model_name="practicetin", name="key", field=models.CharField(editable=False, max_length=64)
        ),
        migrations.RemoveField(
            model_name="accessgrant",
            name="practices",
        ),
        migrations.RemoveField(
            model_name="accessgrant",
            name="tins",
        ),
        migrations.AddConstraint(
            model_name="practicetin",
            constraint=models.CheckConstraint(
                condition=models.Q(("key__regex", "^[0-9a-f]{64}$")), name="tin_key_is_a_hash"
            ),
        ),
        migrations.AlterField(
            model_name="practicetin",
            name="digits",
            field=identity.keys.fields.EncryptedTextField(),
        ),
        migrations.AddConstraint(
            model_name="practicetin",
            constraint=models.UniqueConstraint(fields=("key", "kind"), name="unique_practice_per_tin"),
        ),
    ]
