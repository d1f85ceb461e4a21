"""Any sequence of acts on one person's access says what a plain dictionary says (D-29, S1-28)."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rbac.domain import grants, idleness, memberships
from rbac.models import AccessGrant, Membership, Origin
from rbac.roles import ADMINISTRATOR, USER
from tests.factories import NOW, AccountFactory, GrantFactory, MembershipFactory, PracticeFactory, TinFactory

pytestmark = pytest.mark.django_db
PRACTICES = 2
ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["give", "form", "open", "suspend", "restore", "role", "leave", "deactivate", "reactivate", "rest", "wake"]
        ),
        st.integers(0, PRACTICES - 1),
        st.sampled_from([ADMINISTRATOR, USER]),
    ),
    max_size=14,
)
# "grant" is None, "open" or "rests"; "work" holds what has not ended by practice, "kept" what comes back.
type Work = dict[int, dict[str, object]]


class Said:
    """The dictionary, and one line an act."""

    def __init__(self, *, by_practice: bool) -> None:
        self.grant: str | None = None
        self.ever, self.by_practice = False, by_practice
        self.work: Work = {}
        self.kept: Work = {}

    def act(self, name: str, place: int, role: str) -> bool:
        """Change what is said; answers whether the act is possible."""
        held = self.work.get(place)
        match name:
            case "give":
                self.grant, self.ever, self.work = "open", True, {place: {"role": USER, "rests": False}}
            case "reactivate" if self.grant is None and self.ever:
                self.grant, self.work = "open", {key: dict(one) for key, one in self.kept.items()}
                self.work.setdefault(place, {"role": USER, "rests": False})
            case "deactivate" if self.grant:
                self.end()
            case "rest" if self.grant == "open":
                self.grant = "rests"
            case "wake" if self.grant == "rests":
                self.grant = "open"
            case "form" if self.grant:
                self.work.setdefault(place, {"role": USER, "rests": False})
            case "open" if self.grant and held is None:
                self.work[place] = {"role": role, "rests": False}
            case "suspend" if held and not held["rests"]:
                held["rests"] = True
            case "restore" if held and held["rests"]:
                held["rests"] = False
            case "role" if held:
                held["role"] = role
            case "leave" if held:
                del self.work[place]
                if self.by_practice and not self.work:
                    self.end()
            case _:
                return False
        return True

    def end(self) -> None:
        self.kept = {key: one for key, one in self.work.items() if not one["rests"]}
        self.grant, self.work = None, {}

    def counting(self) -> dict[int, object]:
        return {key: one["role"] for key, one in self.work.items() if self.grant == "open" and not one["rests"]}


def do(name, place, role, *, account, portal_key, practices, tins, now) -> None:
    """The same by the domain's functions. Raises whatever they raise."""
    grant = grants.last(account=account, portal_key=portal_key)
    cause = {"by": None, "now": now}
    if name == "give":
        told = {"origin": Origin.FORM, "origin_key": "8J3LSWSU", "tins": [tins[place]]}
        grants.give(account=account, portal_key=portal_key, **told, **cause)
        return
    assert grant is not None
    own = Membership.objects.filter(grant=grant, practice=practices[place]).order_by("-pk").first()
    match name:
        case "form":
            grants.change(grant=grant, tins=[tins[place]], reason="8J3LSWSU", **cause)
        case "deactivate":
            assert grants.end(account=account, portal_key=portal_key, reason="x", **cause)
        case "reactivate":
            assert grant.until is not None
            told = {"attributes": {}, "tins": [tins[place]], "origin_key": "8J3LSWSU"}
            memberships.reopen(ended=grant, **told, **cause)
        case "rest":
            assert AccessGrant.objects.active().filter(pk=grant.pk).update(suspended_at=now)
        case "wake":
            idleness.give_back(grant=grant, by=AccountFactory(), now=now)
        case "open":
            memberships.open(grant=grant, practice=practices[place], role=role, origin=Origin.STAFF, **cause)
        case _:
            assert own is not None
            acts = {"suspend": memberships.suspend, "restore": memberships.restore, "leave": memberships.end}
            if name == "role":
                memberships.change_role(membership=own, role=role, **cause)
            else:
                acts[name](membership=own, **cause)


IMPOSSIBLE = (
    AssertionError, grants.GrantEnded, idleness.NotSuspended, memberships.AlreadyOpen, memberships.NotOpen,
    memberships.NotSuspended,
)  # fmt: skip


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(acts=ACTS, portal=st.sampled_from([("claims", "ohid"), ("provider-online", "provider-online")]))
def test_access_and_work_are_what_a_plain_dictionary_says(acts, portal):
    portal_key, realm = portal
    with transaction.atomic():
        account = AccountFactory(realm=realm)
        practices = [PracticeFactory() for _ in range(PRACTICES)]
        other = GrantFactory(account__realm=realm, portal_key=portal_key)  # the last one cannot leave: never this one
        for practice in practices:
            MembershipFactory(grant=other, practice=practice, role=ADMINISTRATOR)
        tins = [TinFactory(practice=practice) for practice in practices]
        said = Said(by_practice=portal_key == "provider-online")
        for number, act in enumerate(acts):
            now = NOW + timedelta(minutes=number)
            told = {"account": account, "portal_key": portal_key, "practices": practices, "tins": tins, "now": now}
            if said.act(*act):
                do(*act, **told)
            else:
                with pytest.raises(IMPOSSIBLE), transaction.atomic():
                    do(*act, **told)
            agree(said, account, portal_key, practices, now)
        transaction.set_rollback(True)


def agree(said, account, portal_key, practices, now) -> None:
    """What the tables say is what was said; nothing open hangs on what ended; each practice is worked for once."""
    grant = grants.current(account=account, portal_key=portal_key)
    assert (None if grant is None else "rests" if grant.suspended_at else "open") == said.grant
    places = {practice.pk: place for place, practice in enumerate(practices)}
    current = Membership.objects.current().filter(grant__account=account)
    assert {
        places[row.practice_id]: {"role": row.role, "rests": row.suspended_at is not None} for row in current
    } == said.work
    assert not current.exclude(grant=grant).exists()
    counting = Membership.objects.open_at(now).filter(grant__account=account)
    assert {places[row.practice_id]: row.role for row in counting} == said.counting()
