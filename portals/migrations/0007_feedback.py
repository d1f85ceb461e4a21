"""Feedback on the pages inside a portal."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import identity.keys.fields


class Migration(migrations.Migration):
    dependencies = [("portals", "0006_courses"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="Feedback",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("portal_key", models.CharField(max_length=40)),
                ("page", models.CharField(blank=True, max_length=200, verbose_name="page")),
                ("text", identity.keys.fields.EncryptedTextField(verbose_name="feedback")),
                ("created_at", models.DateTimeField(verbose_name="written")),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="written by",
                    ),
                ),
            ],
            options={
                "verbose_name": "feedback",
                "verbose_name_plural": "feedback",
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(fields=["portal_key", "-id"], name="feedback_of_portal"),
                    models.Index(fields=["created_at"], name="feedback_age"),
                ],
            },
        ),
    ]
