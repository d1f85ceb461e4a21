"""Tables and columns of conversations; what was said before is copied by the next migration."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import identity.keys.fields
import identity.models.tickets


class Migration(migrations.Migration):
    dependencies = [("identity", "0003_delivery")]

    operations = [
        migrations.RenameField(model_name="ticket", old_name="handled_by", new_name="claimed_by"),
        migrations.AlterField(
            model_name="ticket",
            name="claimed_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="claimed_tickets",
                to=settings.AUTH_USER_MODEL,
                verbose_name="taken by",
            ),
        ),
        migrations.AddField(model_name="ticket", name="claimed_until", field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="ticket",
            name="contact",
            field=identity.models.tickets.ContactField(blank=True, default=identity.models.tickets.Contact),
        ),
        migrations.AddField(
            model_name="ticket", name="portal_key", field=models.CharField(blank=True, default="", max_length=40)
        ),
        migrations.AddField(
            model_name="ticket", name="queue", field=models.CharField(blank=True, default="", max_length=40)
        ),
        migrations.AddField(model_name="ticket", name="practice_id", field=models.BigIntegerField(null=True)),
        migrations.AddField(
            model_name="ticket",
            name="earlier",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="later", to="identity.ticket"
            ),
        ),
        migrations.AddField(
            model_name="ticket",
            name="subject",
            field=identity.keys.fields.EncryptedTextField(blank=True, default=""),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="status",
            field=models.CharField(
                choices=[
                    ("open", "Open"),
                    ("in progress", "In progress"),
                    ("waiting", "Waiting for the person"),
                    ("closed", "Answered"),
                ],
                default="open",
                max_length=12,
                verbose_name="status",
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="topic",
            field=models.CharField(
                choices=[
                    ("sign in", "Signing in"),
                    ("merge", "Two IDs"),
                    ("access", "Access to a portal"),
                    ("practice", "Practices and tax IDs"),
                    ("trouble", "Something does not work"),
                    ("other", "Something else"),
                ],
                max_length=10,
                verbose_name="topic",
            ),
        ),
        migrations.AlterField(
            model_name="ticket",
            name="text",
            field=identity.keys.fields.EncryptedTextField(blank=True, default=""),
        ),
        migrations.CreateModel(
            name="TicketMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("is_staff", models.BooleanField()),
                ("text", identity.keys.fields.EncryptedTextField()),
                ("created_at", models.DateTimeField()),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="messages", to="identity.ticket"
                    ),
                ),
            ],
            options={"default_permissions": ()},
        ),
        migrations.CreateModel(
            name="TicketRead",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("read_to", models.BigIntegerField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="reads", to="identity.ticket"
                    ),
                ),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("ticket", "account"), name="unique_read_per_ticket_and_account")
                ],
            },
        ),
    ]
