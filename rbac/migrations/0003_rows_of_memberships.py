from collections import defaultdict
from itertools import batched

from django.db import migrations

from identity.keys.fields import encrypt, keyed_hash

A_CHUNK = 500


def open_memberships(apps, schema_editor):
    """A membership for each practice of each grant, with the tax IDs that were approved there. Whatever a grant says
    of itself, its memberships say: the form, who gave it, since when, until when."""
    AccessGrant, Membership = apps.get_model("rbac", "AccessGrant"), apps.get_model("rbac", "Membership")
    last = 0
    while chunk := list(
        AccessGrant.objects.order_by("pk").filter(pk__gt=last).prefetch_related("practices", "tins")[:A_CHUNK]
    ):
        last = chunk[-1].pk
        rows, approved = [], []
        for grant in chunk:
            by_practice = defaultdict(list, {practice.pk: [] for practice in grant.practices.all()})
            for tin in grant.tins.all():
                by_practice[tin.practice_id].append(tin.pk)
            for practice, tins in sorted(by_practice.items()):
                rows.append(_membership(Membership, grant, practice))
                approved.append(tins)
        _keep(Membership, rows, approved)


def _keep(Membership, rows, approved):
    Tins = Membership.tins.through
    made = Membership.objects.bulk_create(rows)
    pairs = [(row.pk, tin) for row, tins in zip(made, approved, strict=True) for tin in tins]
    Tins.objects.bulk_create((Tins(membership_id=row, practicetin_id=tin) for row, tin in pairs), batch_size=A_CHUNK)


def _membership(Membership, grant, practice):
    return Membership(
        grant_id=grant.pk,
        practice_id=practice,
        role="user",
        since=grant.since,
        until=None if grant.until is None else max(grant.until, grant.since),
        ended_with_grant=grant.until is not None,
        last_used_at=grant.last_used_at,
        created_by_id=grant.by_id,
        ended_by_id=grant.ended_by_id if grant.until else None,
        origin=grant.origin,
        origin_key=grant.origin_key,
        reason=grant.reason,
    )


def attest_what_was_approved(apps, schema_editor):
    """Staff approved every tax ID that a grant carries: by whom, when and on what form is what the first grant says."""
    PracticeTin, Approved = apps.get_model("rbac", "PracticeTin"), apps.get_model("rbac", "AccessGrant").tins.through
    said = ("accessgrant__since", "accessgrant__by", "accessgrant__origin", "accessgrant__origin_key")
    approvals = Approved.objects.filter(accessgrant__by__isnull=False).order_by("accessgrant__since", "accessgrant_id")
    first = {}
    for tin, *facts in approvals.values_list("practicetin", *said).iterator(A_CHUNK):
        first.setdefault(tin, facts)
    for keys in batched(sorted(first), A_CHUNK):
        rows = list(PracticeTin.objects.filter(pk__in=keys))
        for row in rows:
            row.attested_at, row.attested_by_id, row.origin, row.origin_key = first[row.pk]
        PracticeTin.objects.bulk_update(rows, ["attested_at", "attested_by", "origin", "origin_key"])


def seal_digits(apps, schema_editor):
    """Digits lie encrypted from now on, and are looked up by a keyed hash."""
    PracticeTin = apps.get_model("rbac", "PracticeTin")
    while rows := list(PracticeTin.objects.filter(key="").order_by("pk")[:A_CHUNK]):
        for row in rows:
            row.key, row.digits = keyed_hash("tax id", row.digits), encrypt(row.digits)
        PracticeTin.objects.bulk_update(rows, ["key", "digits"])


class Migration(migrations.Migration):
    dependencies = [("rbac", "0002_memberships")]

    operations = [
        migrations.RunPython(open_memberships, migrations.RunPython.noop),
        migrations.RunPython(attest_what_was_approved, migrations.RunPython.noop),
        migrations.RunPython(seal_digits, migrations.RunPython.noop),
    ]
