"""Messages that their reader turned off, and what the desk is told of one that was held back for it."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0013_realms_of_terms_and_tickets")]

    operations = [
        migrations.AlterField(
            model_name="outboxmessage",
            name="delivery",
            field=models.CharField(
                blank=True,
                choices=[
                    ("unneeded", "no longer needed, not sent"),
                    ("muted", "turned off by its reader, not sent"),
                    ("accepted", "handed over"),
                    ("deferred", "put off by the mailbox"),
                    ("delivered", "delivered"),
                    ("bounced", "bounced"),
                    ("suppressed", "not sent: mail to this address is stopped"),
                    ("complained", "marked as spam by its reader"),
                ],
                max_length=10,
                verbose_name="delivery",
            ),
        ),
        migrations.CreateModel(
            name="MutedMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=60)),
                ("created_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("account", "kind"), name="unique_muted_kind_per_account"),
                ],
            },
        ),
    ]
