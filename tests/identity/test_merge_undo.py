"""Undoing a merge is exact: whatever two accounts hold, every table reads afterwards as it did before (D-17)."""

from datetime import timedelta
from typing import NamedTuple

import pytest
from allauth.mfa.models import Authenticator as WebAuthnCredential
from django.apps import apps
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity.factors import recovery_codes
from identity.merging import merges
from identity.merging.merging import NOBODY
from identity.models import (
    AuthenticatorDevice,
    Challenge,
    JournalEntry,
    Merge,
    OutboxMessage,
    PasskeyDevice,
    PhoneDevice,
    RememberedDevice,
    SavedPost,
    SearchTerm,
    SecurityAlert,
)
from identity.notices import tickets
from rbac.models import Origin, Practice, PracticeTin
from rbac.roles import ADMINISTRATOR, USER
from tests.factories import (
    NOW,
    AccountFactory,
    GrantFactory,
    MembershipFactory,
    PracticeFactory,
    SubmissionFactory,
    TinFactory,
)

DAY = timedelta(days=1)
PORTALS = ["claims", "physician"]
HOLDINGS = st.fixed_dictionaries(
    {
        "phone": st.sampled_from(["", "unproved", "proved"]),
        "authenticator": st.booleans(),
        "recovery": st.booleans(),
        "passkeys": st.integers(0, 2),
        "addresses": st.lists(st.sampled_from(["a@example.org", "b@example.org"]), unique=True),
        "verified": st.booleans(),
        "grants": st.lists(st.sampled_from(PORTALS), unique=True),
        # Behind each grant: which practice, in which role, with which of its tax IDs, what it came of, whether it rests.
        "work": st.lists(
            st.tuples(
                st.integers(0, 1),
                st.sampled_from([ADMINISTRATOR, USER]),
                st.sets(st.integers(0, 1)),
                st.sampled_from([Origin.FORM, Origin.STAFF]),
                st.booleans(),
            ),
            unique_by=lambda row: row[0],
        ),
        "ended": st.lists(st.sampled_from(PORTALS), max_size=2),
        "drafts": st.lists(st.sampled_from(PORTALS), unique=True),
        "sent": st.lists(st.sampled_from(PORTALS), max_size=2),
        "devices": st.lists(st.booleans(), max_size=2),
        "tickets": st.integers(0, 2),
        "held": st.booleans(),
        "relative": st.booleans(),
    }
)
numbers = iter(range(10**9))


class Office(NamedTuple):
    practice: Practice
    tins: list[PracticeTin]


def offices() -> list[Office]:
    """Two practices that both accounts may work for."""
    found = [PracticeFactory() for _ in range(2)]
    return [Office(practice, [TinFactory(practice=practice) for _ in range(2)]) for practice in found]


def made(holdings, practices, *, email=None):
    """An account with all this."""
    account = AccountFactory(**({"email": email} if email else {}))
    if holdings["relative"]:
        AccountFactory(person=account.person)
    if holdings["phone"]:
        PhoneDevice.objects.create(
            user=account, name="phone", number="+13105550177", confirmed=holdings["phone"] == "proved"
        )
    if holdings["authenticator"]:
        AuthenticatorDevice.objects.create(user=account, name="authenticator", secret="A" * 32)
    if holdings["recovery"]:
        recovery_codes.make(account=account, now=NOW - DAY)
    for _ in range(holdings["passkeys"]):
        row = WebAuthnCredential.objects.create(user=account, type="webauthn", data={})
        PasskeyDevice.objects.create(user=account, name="key", credential=row, credential_key=f"k{next(numbers)}")
    for address in holdings["addresses"]:
        if address != account.email:
            account.emailaddress_set.create(email=address, verified=holdings["verified"])
    for key in holdings["grants"]:
        grant = GrantFactory(account=account, portal_key=key, by=account)
        for practice, role, tins, origin, rests in holdings["work"]:
            MembershipFactory(
                grant=grant, practice=practices[practice].practice, role=role, origin=origin,
                tins=[practices[practice].tins[tin] for tin in tins], suspended_at=NOW if rests else None,
            )  # fmt: skip
    for key in holdings["ended"]:
        GrantFactory(account=account, portal_key=key, until=NOW)
    for key in holdings["sent"]:
        SubmissionFactory(account=account, portal_key=key, submitted=True)
    for key in holdings["drafts"]:
        SubmissionFactory(account=account, portal_key=key)
    for skips in holdings["devices"]:
        RememberedDevice.objects.create(
            account=account, browser="b", place="p", first_seen_at=NOW, last_seen_at=NOW,
            skips_until=NOW + timedelta(days=9, microseconds=7) if skips else None, proved_by="phone",
        )  # fmt: skip
    for _ in range(holdings["tickets"]):
        tickets.open(account=account, topic="other", text="x", by=account, now=NOW)
    if holdings["held"]:
        SavedPost.objects.create(account=account, path="/x/", body="a=1", saved_at=NOW)
        SecurityAlert.objects.create(account=account, kind="new device", at=NOW)
        Challenge.objects.create(account=account, purpose="access", channel="mail", sent_at=NOW, expires_at=NOW)
    return account


def dump(*, without=(JournalEntry, OutboxMessage, Merge, SearchTerm)):
    """Every row of every table but the journal, the outbox and the merges; the alerts of the merge are messages too.
    What the desk's search keeps is made anew from the rest (tests/identity/test_search.py)."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        if model not in without:
            rows = model._base_manager.order_by("pk")
            if model is SecurityAlert:
                rows = rows.exclude(kind__startswith="merge")
            found[model._meta.label] = list(rows.values())
    return found


@pytest.mark.django_db
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(one=HOLDINGS, two=HOLDINGS, shared=st.booleans(), data=st.data())
def test_after_an_undo_every_table_is_as_it_was(one, two, shared, data):
    """D-17: factors, access, requests, addresses, devices, tickets, in any mixture, with any choice."""
    with transaction.atomic():
        shared_offices = offices()
        own = made(one, shared_offices)
        other = made(two, shared_offices, email=own.email if shared else None)
        before = dump()
        survivor, absorbed = data.draw(st.sampled_from([(own, other), (other, own)]))
        choices = {c.key: data.draw(st.sampled_from([own.pk, other.pk])) for c in merges.clashes(own, other)}
        proof = merges.prove(own=own, other=other, method="phone", now=NOW)
        merge = merges.merge(survivor=survivor, absorbed=absorbed, choices=choices, proof=proof, by=own, now=NOW)
        connection.check_constraints()
        between = dump()
        assert {name: len(rows) for name, rows in between.items()} == {n: len(rows) for n, rows in before.items()}
        assert between != before
        assert not [row for rows in between.values() for row in rows if NOBODY in row.values()]
        survivor.refresh_from_db()
        assert survivor.emailaddress_set.get(primary=True).email == survivor.email
        assert survivor.emailaddress_set.get(primary=True).verified
        merges.undo(merge=merge, by=survivor, now=NOW + DAY)
        connection.check_constraints()
        assert dump() == before
        transaction.set_rollback(True)
