"""Invitations of staff become invitations of four kinds; the rows that are there go along, and their histories."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import Case, F, Value, When

STATES = [("sent", "sent"), ("accepted", "accepted"), ("canceled", "canceled"), ("lapsed", "lapsed")]
KINDS = [
    ("staff", "member of staff"),
    ("administrator", "administrator of a practice"),
    ("office user", "user of a practice"),
    ("portal", "user of a portal"),
]
OFFICERS = [("primary", "Primary"), ("secondary", "Secondary")]


def carry(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Used is accepted; the others were sent when they were made, and are as old as they are."""
    rows = apps.get_model("enrollment", "Invitation").objects.all()
    accepted = Case(When(used_at=None, then=Value("sent")), default=Value("accepted"))
    rows.update(state=accepted, last_sent_at=F("created_at"), ended_at=F("used_at"))
    entries = apps.get_model("identity", "JournalEntry").objects.filter(object_kind="enrollment.staffinvitation")
    entries.update(object_kind="enrollment.invitation")


def carry_back(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """What was used is used; kinds that came since would be no invitations of staff."""
    rows = apps.get_model("enrollment", "Invitation").objects
    rows.exclude(kind="staff").delete()
    rows.update(used_at=F("ended_at"), expires_at=F("last_sent_at"))
    entries = apps.get_model("identity", "JournalEntry").objects.filter(object_kind="enrollment.invitation")
    entries.update(object_kind="enrollment.staffinvitation")


def account(name: str) -> models.ForeignKey:
    return models.ForeignKey(
        null=True, on_delete=django.db.models.deletion.PROTECT, related_name=name, to=settings.AUTH_USER_MODEL
    )


def text(length: int) -> models.CharField:
    return models.CharField(blank=True, default="", max_length=length)


TEXTS = {
    "portal_key": 40,
    "market": 2,
    "first_name": 128,
    "last_name": 128,
    "address_1": 128,
    "address_2": 128,
    "city": 60,
    "office_state": 2,
    "zip": 10,
    "work_phone": 30,
    "origin_key": 60,
}


class Migration(migrations.Migration):
    dependencies = [
        ("enrollment", "0002_initial"),
        ("identity", "0001_initial"),
        ("rbac", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RenameModel("StaffInvitation", "Invitation"),
        migrations.RenameField("invitation", "used_by", "accepted_by"),
        migrations.AlterField("invitation", "accepted_by", account("accepted_invitations")),
        migrations.AlterField("invitation", "role", models.CharField(max_length=40)),
        migrations.AddField(
            "invitation",
            "kind",
            models.CharField(choices=KINDS, default="staff", max_length=20),
            preserve_default=False,
        ),
        *[migrations.AddField("invitation", name, text(length), preserve_default=False) for name, length in TEXTS.items()],
        migrations.AddField(
            "invitation",
            "practice",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="invitations",
                to="rbac.practice",
            ),
        ),
        migrations.AddField(
            "invitation",
            "officer",
            models.CharField(blank=True, choices=OFFICERS, default="", max_length=10),
            preserve_default=False,
        ),
        migrations.AddField("invitation", "language", models.CharField(default="en", max_length=10)),
        migrations.AddField("invitation", "ends_on", models.DateField(null=True)),
        migrations.AddField("invitation", "owner", account("owned_invitations")),
        migrations.AddField("invitation", "created_by", account("created_invitations")),
        migrations.AddField("invitation", "sendings", models.PositiveSmallIntegerField(default=1)),
        migrations.AddField("invitation", "last_sent_at", models.DateTimeField(null=True)),
        migrations.AddField("invitation", "asked_again_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "invitation", "state", models.CharField(choices=STATES, default="sent", max_length=10)
        ),
        migrations.AddField("invitation", "ended_at", models.DateTimeField(null=True)),
        migrations.AlterField("invitation", "expires_at", models.DateTimeField(null=True)),
        migrations.RunPython(carry, carry_back),
    ]
