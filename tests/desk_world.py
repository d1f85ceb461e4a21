"""A service desk in the middle of its work: at least one row in each of its lists, for tests over all of its pages."""

from datetime import timedelta

from django.contrib import admin
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone

from accessforms.domain import submissions
from identity.models import Account, FactorReset, Merge, OutboxMessage, Signature
from identity.notices import tickets
from portals.models import LegacyImport, LegacyImportRow, Unlinking
from portals.oidc import signing_keys
from rbac.models import AccessGrant, SweepRun
from tests.factories import (
    NOW,
    AccountFactory,
    GrantFactory,
    LegacyAccountFactory,
    MembershipFactory,
    SubmissionFactory,
)  # fmt: skip
from tests.relying_party import register

WITHOUT_RECORDS = (
    "Invitation",
    "OfferedAnswer",
    "PhaseMove",
    "PortalText",
    "SigningKey",
)  # their list is their one page


def fill(colleague: Account) -> Account:
    """Make the rows; answers the person whom most of them are about."""
    person = AccountFactory(
        login_name="maria.alvarez", first_name="María", last_name="Álvarez Núñez", phone="+13105550123"
    )
    for number in range(3):
        sent = SubmissionFactory(account=AccountFactory(first_name="Wilhelmina-Alexandra"), submitted=True)
        if number:
            submissions.decide(submission=sent, to="fax received", by=colleague, now=NOW, seen_version=sent.version)
    for days, portal in ((0, "claims"), (100, "physician")):
        rests = NOW - timedelta(days=1) if days else None
        GrantFactory(
            account=person, portal_key=portal, since=NOW - timedelta(days=days), suspended_at=rests, back_asked_at=rests
        )
    for days in range(1, 60, 4):
        used = NOW - timedelta(days=89 - days % 20)
        GrantFactory(since=NOW - timedelta(days=200), last_used_at=used)
        LegacyAccountFactory(
            account=AccountFactory(), linked_at=timezone.now() - timedelta(days=days), linked_by="pre-registration"
        )
    tickets.open(account=person, topic="merge", text="I have two IDs.", by=person, now=NOW)
    FactorReset.objects.create(
        account=person, reason="lost phone", called="XXX-XXX-0123", started_by=colleague, started_at=NOW
    )
    other = AccountFactory(login_name="maria.old", is_active=False)
    Merge.objects.create(survivor=person, absorbed=other, by=person, at=NOW, changes=[])
    Signature.objects.create(
        account=person,
        agreement="ohid-terms",
        version=1,
        mode="box",
        name="María",
        login_name="maria.alvarez",
        language="es",
        at=NOW,
    )
    OutboxMessage.objects.create(
        kind="identity.alert",
        ids={"account_id": person.pk},
        dedupe_key="x",
        state="given up",
        attempts=9,
        created_at=NOW,
        due_at=NOW,
        problem="SMTPServerDisconnected",
    )
    old = LegacyAccountFactory(account=person, linked_at=NOW, linked_by="final log-in", login_name="malvarez")
    Unlinking.objects.create(
        legacy=old, account=person, reason="tied to the wrong person", asked_by=colleague, asked_at=NOW
    )
    found = LegacyImport.objects.create(
        source="trucase",
        file_name="list.csv",
        digest="0" * 64,
        state="checked",
        begun_at=NOW,
        by=colleague,
        size=10,
        read=10,
        checked=2,
    )
    LegacyImportRow.objects.create(legacy_import=found, line=2, login_name="bob.old", outcome="refused", reason="hash")
    SweepRun.objects.create(
        as_of=NOW, periods={}, state="frozen", state_since=NOW, active=100, allowed=10, to_warn=40, to_suspend=20
    )
    register(logout_address="https://bills.example.org/logout")
    signing_keys.signing("RS256", now=NOW)
    return person


def lists() -> list[str]:
    """The first page, and every list."""
    return [reverse("admin:index"), *(_page(model, "changelist") for model in admin.site._registry)]


def records() -> list[str]:
    """One record of each list that has any, each form that adds one, and the pages that belong to no table."""
    found = []
    for model in admin.site._registry:
        one = model._default_manager.order_by("-pk").first()
        if one is not None and model.__name__ not in WITHOUT_RECORDS:
            found.append(_page(model, "change", one.pk))
    account, grant = AccountFactory(login_name="a.record"), AccessGrant.objects.order_by("pk").first()
    membership = MembershipFactory()
    return [
        *found,
        *(_page(model, "add") for model in (AccessGrant, Unlinking)),
        _page(Account, "close", account.pk),
        _page(Account, "reset", account.pk),
        _page(AccessGrant, "rights", grant.pk),
        _page(AccessGrant, "membership", membership.grant_id, membership.pk),
        reverse("admin:portals_cut_over", args=["trucase"]),
        reverse("admin:portals_portaltext_texts", args=["trucase", "es"]),
        reverse("admin:standards"),
    ]


def _page(model: type[Model], name: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)
