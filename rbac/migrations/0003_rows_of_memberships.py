from collections import defaultdict
from itertools import batched

from django.db import migrations

from identity.keys.fields import encrypt, keyed_hash

A_CHUNK = 500


def open_memberships(apps, schema_editor):
    """A membership for each practice of each grant, with the tax IDs that were approved there: the form, who approved
    it, since when, until when."""
    AccessGrant, Membership = apps.get_model("rbac", "AccessGrant"), apps.get_model("rbac", "Membership")
    added = _forms_that_added(apps)
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
                rows.append(_membership(Membership, grant, practice, cause=_cause(grant, added)))
                approved.append(tins)
        _keep(Membership, rows, approved)


def _keep(Membership, rows, approved):
    Tins = Membership.tins.through
    made = Membership.objects.bulk_create(rows)
    pairs = [(row.pk, tin) for row, tins in zip(made, approved, strict=True) for tin in tins]
    Tins.objects.bulk_create((Tins(membership_id=row, practicetin_id=tin) for row, tin in pairs), batch_size=A_CHUNK)


def _forms_that_added(apps):
    """By grant: the first form that added tax IDs to access that had come of something else, as the journal has it."""
    entries = apps.get_model("identity", "JournalEntry").objects.filter(
        kind="rbac.GrantChanged", object_kind="rbac.accessgrant", by__isnull=False
    )
    first = {}
    for grant, by, at, facts in entries.order_by("-at", "-pk").values_list("object_id", "by", "at", "facts"):
        cause = {"origin": "form", "origin_key": facts.get("reason", "")[:60], "reason": ""}
        first[int(grant)] = cause | {"created_by_id": by, "since": at}
    return first


def _cause(grant, added):
    if grant.origin != "form" and grant.pk in added:
        return added[grant.pk]
    own = {"origin": grant.origin, "origin_key": grant.origin_key, "reason": grant.reason}
    return own | {"created_by_id": grant.by_id, "since": grant.since}


def _membership(Membership, grant, practice, *, cause):
    return Membership(
        grant_id=grant.pk,
        practice_id=practice,
        role="user",
        until=None if grant.until is None else max(grant.until, cause["since"]),
        ended_with_grant=grant.until is not None,
        last_used_at=grant.last_used_at,
        ended_by_id=grant.ended_by_id if grant.until else None,
        **cause,
    )


def attest_what_was_approved(apps, schema_editor):
    """Staff approved every tax ID that a membership carries by now: by whom, when and on what form, the first says."""
    PracticeTin, Approved = apps.get_model("rbac", "PracticeTin"), apps.get_model("rbac", "Membership").tins.through
    said = ("membership__since", "membership__created_by", "membership__origin", "membership__origin_key")
    approvals = Approved.objects.filter(membership__created_by__isnull=False)
    ordered = approvals.order_by("membership__since", "membership_id").values_list("practicetin", *said)
    first = {}
    for tin, *facts in ordered.iterator(A_CHUNK):
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
    dependencies = [("identity", "0001_initial"), ("rbac", "0002_memberships")]

    operations = [
        migrations.RunPython(open_memberships, migrations.RunPython.noop),
        migrations.RunPython(attest_what_was_approved, migrations.RunPython.noop),
        migrations.RunPython(seal_digits, migrations.RunPython.noop),
    ]
