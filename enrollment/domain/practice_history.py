"""What staff did for a practice, for its administrators to read, with the reason that staff wrote."""

from collections.abc import Sequence

from django.db.models import QuerySet

from enrollment.domain.people import Office
from enrollment.models import Invitation
from identity.models import JournalEntry
from identity.record import journal
from rbac.models import Membership, PracticeTin


def by_staff(office: Office) -> QuerySet[JournalEntry]:
    """The entries about the practice, its tax IDs, its people and its invitations that members of staff caused, newest
    first. What its own people did is on their lists."""
    practice = office.practice
    people = Membership.objects.of(practice).in_portal(office.portal_key)
    invited = Invitation.objects.filter(practice=practice, portal_key=office.portal_key, created_by__is_staff=True)
    found = journal.history(of=practice)
    for rows in (people, invited, PracticeTin.objects.filter(practice=practice)):
        keys = [str(pk) for pk in rows.order_by("pk").values_list("pk", flat=True)]
        found |= journal.history_of_all(rows.model, keys)
    return found.filter(by__is_staff=True)


def names(office: Office, entries: Sequence[JournalEntry]) -> dict[int, str]:
    """Whom each entry concerned, as the practice knows them: what an account is called is nobody's business (D-26)."""
    about = {(entry.object_kind, entry.object_id) for entry in entries}
    found: dict[tuple[str, str], str] = {}
    keys = [key for kind, key in about if kind == Membership._meta.label_lower]
    for row in Membership.objects.of(office.practice).filter(pk__in=keys).select_related("grant__account"):
        found[Membership._meta.label_lower, str(row.pk)] = row.person_name
    keys = [key for kind, key in about if kind == Invitation._meta.label_lower]
    for invitation in Invitation.objects.filter(practice=office.practice, pk__in=keys):
        found[Invitation._meta.label_lower, str(invitation.pk)] = invitation.full_name
    return {entry.pk: found.get((entry.object_kind, entry.object_id), "") for entry in entries}
