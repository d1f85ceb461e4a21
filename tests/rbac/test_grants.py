"""What a grant came of: parted into origin, reference and words, shown as the one line that it always was."""

import html
import re

import pytest
from django.utils import translation

from identity.models import JournalEntry
from identity.record import journal
from rbac.domain import grants
from rbac.models import AccessGrant, Origin
from tests.factories import NOW, AccountFactory
from tests.steps.sign_in import signed_in

pytestmark = pytest.mark.django_db
LEGACY = "legacy sign-in"
CAUSES = [
    ({"origin": Origin.FORM, "origin_key": "8J3LSWSU"}, "8J3LSWSU"),
    ({"origin": Origin.STAFF, "reason": "call 4711"}, "call 4711"),
    ({"origin": Origin.LEGACY_ACCOUNT, "origin_key": "17"}, LEGACY),
    ({"origin": Origin.MIGRATION, "origin_key": "17"}, LEGACY),
]


def give(agent, **parts) -> AccessGrant:
    return grants.give(account=AccountFactory(), portal_key="claims", by=agent, now=NOW, **parts)


def field_of(page: str, label: str) -> str:
    found = re.search(rf"<dt>{label}</dt><dd>(.*?)</dd>", page, re.DOTALL)
    assert found, label
    return html.unescape(re.sub(r"<[^>]+>", "", found.group(1))).strip()


@pytest.mark.parametrize(("parts", "line"), CAUSES)
def test_the_desk_reads_one_line_whatever_it_came_of(agent, parts, line):
    """S1-34: the form's reference, staff's reason, or the old account; on the page of the grant and in its history."""
    grant = give(agent, **parts)
    desk = signed_in(agent, verified=True)
    address = f"/admin/rbac/accessgrant/{grant.pk}"
    assert field_of(desk.get(f"{address}/change/").content.decode(), "Because of") == line
    assert f"<td>{line}</td>" in desk.get(f"{address}/history/").content.decode()
    spanish = desk.get(f"{address}/change/", headers={"accept-language": "es"}).content.decode()
    assert field_of(spanish, "Motivo") == {LEGACY: "inicio de sesión con la cuenta anterior"}.get(line, line)


def test_the_journal_keeps_one_language(agent):
    """A press on a Spanish page leaves the same words as one on an English page."""
    with translation.override("es"):
        give(agent, origin=Origin.LEGACY_ACCOUNT, origin_key="17")
    assert JournalEntry.objects.get(kind="rbac.AccessGranted").facts["reason"] == LEGACY


def test_a_change_keeps_the_row_and_what_it_came_of(agent):
    """S1-28, C40: a second form changes what is there; the grant is still that of the first."""
    grant = give(agent, origin=Origin.FORM, origin_key="8J3LSWSU")
    changed = grants.change(grant=grant, reason="9K4MTXTV", attributes={"note": "new"}, by=agent, now=NOW)
    assert (changed.pk, changed.origin, changed.origin_key, changed.attributes) == (
        grant.pk, "form", "8J3LSWSU", {"note": "new"},
    )  # fmt: skip
    kinds = {entry.kind: entry.facts for entry in journal.history(of=grant)}
    assert kinds == {
        "rbac.AccessGranted": {"portal_key": "claims", "origin": "form", "reason": "8J3LSWSU"},
        "rbac.GrantChanged": {"portal_key": "claims", "reason": "9K4MTXTV"},
    }


def test_facts_beside_a_grant_are_kept_and_forgotten_without_an_event(agent):
    """S1-06: the old name is remembered on the row; nothing about the access changed."""
    grant = give(agent, origin=Origin.STAFF, reason="x", attributes={"answer": "yes"})
    grants.annotate(grant=grant, facts={"legacy_user_name": "old", "legacy_rights": ["a"]})
    grants.annotate(grant=grant, facts={}, without=("legacy_rights", "never"))
    grant.refresh_from_db()
    assert grant.attributes == {"answer": "yes", "legacy_user_name": "old"}
    assert [entry.kind for entry in journal.history(of=grant)] == ["rbac.AccessGranted"]
