"""What invitations keep from now on; the columns that nothing reads any more go."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0003_invitations")]

    operations = [
        migrations.RemoveField("invitation", "expires_at"),
        migrations.RemoveField("invitation", "used_at"),
        migrations.AlterField("invitation", "last_sent_at", models.DateTimeField()),
        migrations.AlterModelOptions(
            "invitation", {"verbose_name": "invitation", "verbose_name_plural": "invitations"}
        ),
        migrations.AddIndex(
            "invitation", models.Index(fields=["owner", "state", "last_sent_at"], name="invitation_of_owner")
        ),
        migrations.AddIndex(
            "invitation", models.Index(fields=["practice", "last_sent_at"], name="invitation_of_practice")
        ),
        migrations.AddIndex("invitation", models.Index(fields=["origin_key"], name="invitation_of_origin")),
        migrations.AddIndex(
            "invitation",
            models.Index(condition=Q(state="sent"), fields=["last_sent_at"], name="invitation_open"),
        ),
        migrations.AddConstraint(
            "invitation",
            models.UniqueConstraint(
                condition=Q(state="sent"), fields=["practice", "email"], name="unique_open_invitation_per_practice"
            ),
        ),
        migrations.AddConstraint(
            "invitation",
            models.UniqueConstraint(
                condition=Q(state="sent", practice=None, kind="portal"),
                fields=["portal_key", "email"],
                name="unique_open_invitation_per_portal",
            ),
        ),
        migrations.AddConstraint(
            "invitation",
            models.CheckConstraint(
                condition=Q(state="accepted", accepted_by__isnull=False)
                | (~Q(state="accepted") & Q(accepted_by=None)),
                name="invitation_accepted_by_somebody",
            ),
        ),
        migrations.AddConstraint(
            "invitation",
            models.CheckConstraint(
                condition=Q(state="sent", ended_at=None) | (~Q(state="sent") & Q(ended_at__isnull=False)),
                name="invitation_ended_or_open",
            ),
        ),
        migrations.AddConstraint(
            "invitation",
            models.CheckConstraint(condition=Q(sendings__gte=1), name="invitation_sent_at_least_once"),
        ),
        migrations.AddConstraint(
            "invitation",
            models.CheckConstraint(
                condition=Q(kind="staff", practice=None, portal_key="")
                | Q(kind="portal", practice=None) & ~Q(portal_key="")
                | Q(kind__in=["administrator", "office user"], practice__isnull=False) & ~Q(portal_key=""),
                name="invitation_leads_somewhere",
            ),
        ),
    ]
