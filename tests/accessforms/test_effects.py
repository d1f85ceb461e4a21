"""What each request type does to access (S1-28, S1-21, C40, attack H2, H3): a state model against a plain dictionary."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accessforms.domain import effects, submissions
from accessforms.models import Submission
from identity.models import JournalEntry
from portals import registry
from portals.form_spec import Effect
from portals.oidc import claims
from rbac.domain import grants, idleness, practices
from rbac.models import AccessGrant, Membership, Origin, Practice, PracticeTin
from tests.conftest import make_staff
from tests.factories import NOW, AccountFactory, SubmissionFactory, answers_of

State = Submission.State
pytestmark = pytest.mark.django_db
TINS = ("954501234", "330876543", "123456789", "951111111")


def approved(account, agent, request_type, *tins, now=NOW, **changes) -> Submission:
    """One form, all the way."""
    answers = {
        **answers_of("claims", account), "request_type": request_type,
        "tins": [{"digits": digits, "kind": "EIN"} for digits in tins or TINS[:1]], **changes,
    }  # fmt: skip
    submission = SubmissionFactory(account=account, answers=answers, submitted=True)
    for to in (State.FAX_RECEIVED, State.APPROVED):
        submission = submissions.decide(
            submission=submission, to=to, by=agent, now=now, seen_version=submission.version
        )
    return submission


def digits_of(grant) -> set[str]:
    """The tax IDs of the memberships that have not ended."""
    return set(PracticeTin.objects.filter(memberships__in=grant.memberships.current()).values_list("digits", flat=True))


def practices_of(grant) -> set[Practice]:
    return {membership.practice for membership in grant.memberships.current().select_related("practice")}


def told(grant, now=NOW) -> set[str]:
    """The tax IDs that applications are told."""
    return {digits for practice in claims._practices(grant.pk, now=now) for digits in practice["tax_ids"]}


class TestTheSameRow:
    """H3: the grant row is kept, so are rights, other practices and the sign-ons that hang on it."""

    def test_add_tax_id_adds(self, provider, agent):
        approved(provider, agent, "new", *TINS[:2])
        before = AccessGrant.objects.get()
        grants.give_capabilities(grant=before, capabilities=["bill_tracker"], reason="x", by=None, now=NOW)
        approved(provider, agent, "add_tin", TINS[2], login_user_id="somebody else", submit_claims="no")
        after = AccessGrant.objects.get()
        assert (after.pk, after.until, after.capabilities) == (before.pk, None, ["bill_tracker"])
        assert digits_of(after) == told(after) == set(TINS[:3])
        assert after.attributes == before.attributes, "practices and nothing else"
        assert JournalEntry.objects.filter(kind="rbac.GrantChanged").count() == 1
        assert not JournalEntry.objects.filter(kind="rbac.AccessEnded").exists()

    def test_update_replaces_kept_answers_and_ends_no_practice(self, provider, agent):
        approved(provider, agent, "new", *TINS[:2])
        AccessGrant.objects.update(attributes={**AccessGrant.objects.get().attributes, "legacy_user_name": "old"})
        approved(provider, agent, "update", TINS[2], submit_claims="no")
        grant = AccessGrant.objects.get()
        assert grant.attributes == {"submit_claims": "no", "login_user_id": "glin01", "legacy_user_name": "old"}
        assert digits_of(grant) == set(TINS[:3])

    def test_a_new_request_where_access_is_open_is_an_update(self, provider, agent):
        approved(provider, agent, "new", TINS[0])
        approved(provider, agent, "new", TINS[1])
        assert digits_of(AccessGrant.objects.get()) == set(TINS[:2])

    def test_a_new_request_wakes_access_that_rests(self, provider, agent):
        approved(provider, agent, "new", TINS[0])
        AccessGrant.objects.update(suspended_at=NOW)
        approved(provider, agent, "new", TINS[0])
        assert AccessGrant.objects.get().suspended_at is None

    def test_a_sign_on_survives_an_update(self, provider, agent):
        """The tokens of outside applications hang on the row."""
        from portals.models import OidcSession

        assert OidcSession._meta.get_field("grant").remote_field.model is AccessGrant
        approved(provider, agent, "new")
        pk = AccessGrant.objects.get().pk
        for request_type in ("update", "add_tin", "new"):
            approved(provider, agent, request_type, TINS[1])
            assert AccessGrant.objects.get(until=None).pk == pk


class TestReactivating:
    def test_what_ended_comes_back_with_what_it_carried(self, provider, agent, inbox):
        approved(provider, agent, "new", *TINS[:2])
        AccessGrant.objects.update(capabilities=["bill_tracker"], role="user")
        approved(provider, agent, "deactivate")
        assert "claims" not in grants.portals_of(provider)
        approved(provider, agent, "reactivate", TINS[2])
        old, new = AccessGrant.objects.order_by("pk")
        assert (new.until, new.capabilities) == (None, ["bill_tracker"])
        assert digits_of(new) == told(new) == set(TINS[:3])
        assert practices_of(new) > {row.practice for row in old.memberships.all()}
        assert not old.memberships.current().exists()
        assert "is open again" in inbox.newest("mail", provider.email).text

    def test_what_rests_wakes_as_the_same_row(self, provider, agent):
        approved(provider, agent, "new")
        AccessGrant.objects.update(suspended_at=NOW)
        approved(provider, agent, "reactivate")
        assert AccessGrant.objects.get().suspended_at is None

    def test_of_somebody_who_never_had_access_nothing_is_opened(self, provider, agent):
        approved(provider, agent, "reactivate")
        assert not AccessGrant.objects.exists()


class TestTaxIds:
    """H2: an approved form opens what is on it, and changes nobody else's access."""

    def test_a_known_tax_id_opens_that_one_and_not_the_practices_others(self, provider, stranger, agent):
        approved(stranger, agent, "new", *TINS[:2], practice_name="Harbor")
        approved(provider, agent, "new", TINS[0], practice_name="Totally Other Office LLC")
        mine = AccessGrant.objects.get(account=provider)
        assert mine.memberships.get().practice.name == "Harbor", "one joins a practice through a tax ID that it has"
        assert digits_of(mine) == told(mine) == {TINS[0]}

    def test_a_form_adds_no_tax_id_to_a_practice_that_others_hold_even_of_the_same_name(
        self, provider, stranger, agent
    ):
        approved(stranger, agent, "new", TINS[0], practice_name="Harbor")
        theirs = AccessGrant.objects.get(account=stranger)
        approved(provider, agent, "new", TINS[0], TINS[1], practice_name="Harbor")
        assert told(theirs) == {TINS[0]}
        assert set(theirs.memberships.get().practice.tins.values_list("digits", flat=True)) == {TINS[0]}
        mine = AccessGrant.objects.get(account=provider)
        assert told(mine) == set(TINS[:2])
        assert mine.memberships.count() == 2
        assert Practice.objects.filter(name="Harbor").count() == 2

    def test_a_practice_that_gets_another_tax_id_later_tells_nobody_of_it(self, provider, agent):
        approved(provider, agent, "new", TINS[0])
        practice = Practice.objects.get()
        PracticeTin.objects.create(practice=practice, digits=TINS[1], kind="EIN")
        assert told(AccessGrant.objects.get()) == {TINS[0]}

    @pytest.mark.postgres
    @pytest.mark.django_db(transaction=True)
    def test_of_two_forms_at_once_with_one_new_tax_id_both_reach_the_one_practice(self):
        """M4: read back after the insert; no practice is left without a tax ID, no grant hangs on one."""
        from tests.together import together

        agent = make_staff("desk.agent", "service desk")
        waiting = []
        for _ in range(8):
            submission = SubmissionFactory(submitted=True)
            waiting.append(
                submissions.decide(
                    submission=submission, to=State.FAX_RECEIVED, by=agent, now=NOW, seen_version=submission.version
                )
            )

        def press():
            one = waiting.pop()
            submissions.decide(submission=one, to=State.APPROVED, by=agent, now=NOW, seen_version=one.version)

        together(press, threads=8)
        assert Practice.objects.count() == 1
        assert AccessGrant.objects.count() == 8
        assert all(digits_of(grant) == set(TINS[:2]) for grant in AccessGrant.objects.all())


class TestChoices:
    @pytest.mark.parametrize(
        ("ticked", "effect"),
        [
            (["remove_access"], Effect.END), (["remove_access", "new_access"], Effect.GIVE),
            (["remove_access", "add"], Effect.GIVE), (["update", "remove_access"], Effect.END),
            (["update_phone"], Effect.UPDATE), (["staff", "pcp"], None), ([], None),
        ],
    )  # fmt: skip
    def test_the_strongest_of_the_ticked_boxes_counts(self, ticked, effect):
        """S1-21: "Remove" beside "New Access" ends nothing; the kind of person alone asks for nothing."""
        assert effects.effect_of(registry.get("physician").access_form, {"request_type": ticked}) == effect

    @pytest.mark.parametrize("request_type", ["add_tin", "update", "reactivate"])
    def test_without_access_the_form_says_what_to_choose(self, provider, request_type):
        """S1-28: "Add Tax ID" without an open grant: choose "New Request"."""
        from tests.steps.filling import CLAIMS, CLAIMS_POST
        from tests.steps.sign_in import signed_in

        browser = signed_in(provider)
        post = {**CLAIMS_POST, "request_type": request_type, "user_is_applicant": "on"}
        page = browser.post(CLAIMS, post).content.decode()
        assert "You have no access to Claims Online Portal that could be changed. Choose “New Request”." in page
        assert not Submission.objects.get().is_complete
        grants.give(account=provider, portal_key="claims", origin=Origin.STAFF, reason="x", by=None, now=NOW)
        assert browser.post(CLAIMS, post).status_code == 302

    def test_the_kind_of_person_alone_is_no_request(self, provider):
        from tests.steps.filling import PHYSICIAN, PHYSICIAN_POST
        from tests.steps.sign_in import signed_in

        page = signed_in(provider).post(PHYSICIAN, {**PHYSICIAN_POST, "request_type": ["staff"]}).content.decode()
        assert "Say also what you ask for. Choose at least one of these: New Access, Add, Remove Access" in page


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["new", "update", "add_tin", "deactivate", "reactivate", "rest"]),
        st.sets(st.sampled_from(TINS), min_size=1),
        st.sampled_from(["yes", "no"]),
    ),
    max_size=7,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_access_is_what_a_plain_dictionary_says(agent, steps):
    """C40: any sequence of Update, Add Tax ID, Deactivate, Reactivate and rests."""
    with transaction.atomic():
        account = AccountFactory()
        model = {"open": False, "rests": False, "tins": set(), "answer": None, "ever": False}
        for number, (step, tins, answer) in enumerate(steps):
            now = NOW + timedelta(minutes=number)
            if step == "rest":
                AccessGrant.objects.active().filter(account=account).update(suspended_at=now)
                model["rests"] = model["open"]
                continue
            approved(account, agent, step, *sorted(tins), now=now, submit_claims=answer)
            expect(model, step, tins, answer)
        held = grants.current(account=account, portal_key="claims")
        assert (held is not None) == model["open"]
        if held is not None:
            assert (held.suspended_at is not None) == model["rests"]
            assert digits_of(held) == model["tins"]
            assert told(held) == (set() if model["rests"] else model["tins"])
            assert held.attributes.get("submit_claims") == model["answer"]
        assert not Membership.objects.current().exclude(grant__until=None).exists(), "nothing open hangs on what ended"
        assert not Practice.objects.filter(tins=None).exists()
        transaction.set_rollback(True)


def expect(model, step, tins, answer) -> None:
    """What the table of effects says, in seven lines."""
    if step == "deactivate":
        model["open"] = model["rests"] = False
    elif step == "new":
        kept = model["tins"] if model["open"] else set()
        model |= {"open": True, "ever": True, "rests": False, "tins": kept | tins, "answer": answer}
    elif step == "reactivate" and model["open"]:
        model["rests"] = False
    elif step == "reactivate" and model["ever"]:
        model |= {"open": True, "tins": model["tins"] | tins}
    elif step in ("update", "add_tin") and model["open"]:
        model["tins"] = model["tins"] | tins
        model["answer"] = answer if step == "update" else model["answer"]


def test_a_wake_that_somebody_was_quicker_with_is_refused_and_changes_nothing(provider, agent, monkeypatch):
    approved(provider, agent, "new")
    AccessGrant.objects.update(suspended_at=NOW)
    real = idleness.give_back
    monkeypatch.setattr(idleness, "give_back", lambda **told: (real(**told), real(**told)))
    with pytest.raises(idleness.NotSuspended):
        approved(provider, agent, "reactivate")
    assert Submission.objects.filter(state=State.FAX_RECEIVED).count() == 1


def test_a_tax_id_is_read_back_whoever_was_quicker():
    """M4, on one connection: the insert that found the row already is answered with that row."""
    first = practices.of_tins(name="A", tins=[(TINS[0], "EIN")], now=NOW)
    both = practices.of_tins(name="B", tins=[(TINS[0], "EIN"), (TINS[0], "SSN"), (TINS[0], "EIN")], now=NOW)
    assert [tin.pk for tin in both][:1] == [tin.pk for tin in first]
    assert len(both) == 2
