"""What a thief can do with what they hold: a search over identity.policy.recovery_routes, the table that the pages ask."""

from dataclasses import dataclass, replace
from itertools import combinations

import pytest

from identity import urls
from identity.policy import recovery_routes
from identity.policy.recovery_routes import FACTORS, ROUTES, Route, open_to
from identity.recovery import lost_factors
from tests.factories import AccountFactory
from tests.steps.recovery import RESET, begin

POWERS = {
    "knows personal data": {"answers"},
    "reads the mailbox": {"mailbox"},
    "reads an old mailbox": {"old mailbox"},
    "has the phone": {"phone", "old phone"},
    "has a trusted browser": {"remembered"},
    "is an OAA": set(),  # invites and removes; no route takes it
    "is one agent": {"one agent"},
}


@dataclass(frozen=True)
class Shape:
    """An account: its second factors, whether they are younger than ten days, and whether it has a second address."""

    factors: frozenset[str]
    young: bool = False
    second_address: bool = True


STRONG = [
    Shape(frozenset(pair), young=young, second_address=second)
    for pair in combinations(sorted(FACTORS), 2)
    for young in (False, True)
    for second in (False, True)
]
MAILBOX_ONLY = [Shape(frozenset(), second_address=second) for second in (False, True)]


def takes(held: set[str], shape: Shape, routes: tuple[Route, ...]) -> bool:
    """Whether somebody who begins with these proofs ends with a session, by whichever routes are open."""
    held = set(held)
    while True:
        factors = set() if held & {"no factors"} else set(shape.factors)
        counts_as_strong = bool(factors)
        if "methods taken back" in held and shape.young:
            factors = set()
        if "restored mailbox" in held:
            counts_as_strong = True
        usable = {one for one in held if one not in FACTORS or one in factors}
        if factors & held:
            usable.add("a factor")
        if "restored mailbox" in held:
            usable.add("mailbox")
        gained = {
            route.gives
            for route in routes
            if not (route.without_factors and counts_as_strong)
            if any(needs <= usable for needs in route.needs)
        }
        if gained <= held:
            return "session" in held
        held |= gained


def findings(shapes: list[Shape], routes: tuple[Route, ...] = ROUTES) -> set[frozenset[str]]:
    """The smallest sets of powers that take one of these accounts: one power, or personal data plus one."""
    data = "knows personal data"
    sets = [frozenset({one}) for one in POWERS] + [frozenset({data, one}) for one in POWERS if one != data]
    found = {
        powers
        for powers in sets
        for shape in shapes
        if takes(set().union(*(POWERS[power] for power in powers)), shape, routes)
    }
    return {powers for powers in found if not any(smaller < powers for smaller in found)}


def test_no_single_power_takes_an_account_with_two_methods():
    """Issue: nor does personal data plus one."""
    assert findings(STRONG) == set()


def test_a_mailbox_only_account_has_the_one_accepted_finding():
    """D-22: S2-07 demands that reset; it stands on the deviations page."""
    assert findings(MAILBOX_ONLY) == {frozenset({"reads the mailbox"})}


def test_the_search_finds_what_is_there():
    """Whoever has the password and a method is the owner, as far as the product can know."""
    assert takes({"password", "phone"}, STRONG[0], ROUTES) is ("phone" in STRONG[0].factors)
    assert all(takes({"password", *shape.factors}, shape, ROUTES) for shape in STRONG)
    assert all(takes({"two agents", "a day unstopped", "mailbox"}, shape, ROUTES) for shape in STRONG)


def without(name: str, proof: str) -> tuple[Route, ...]:
    """The table with one need forgotten."""
    return tuple(
        replace(route, needs=tuple(needs - {proof} for needs in route.needs)) if route.name == name else route
        for route in ROUTES
    )


def changed(name: str, **values) -> tuple[Route, ...]:
    return tuple(replace(route, **values) if route.name == name else route for route in ROUTES)


MAILBOX, NOTHING = frozenset({"mailbox"}), frozenset[str]()
BROKEN = {
    "a reset by mail, and a sign-in without a second factor": (
        *without("sign in", "a factor"),
        Route("reset", (MAILBOX,), "password"),
    ),
    "a reset by mail signs in at once": changed("forgot password", needs=(MAILBOX,), gives="session"),
    "the path of mailbox-only accounts is open to all": (
        *changed("forgot password by mail", without_factors=False),
        *changed("sign in by mail", without_factors=False),
    ),
    "security questions remove the methods": (
        *ROUTES,
        Route("questions", (frozenset({"answers"}),), "no factors"),
    ),
    "lost methods by one mailbox": without("lost methods and password", "second mailbox"),
    "a reset by one agent, who then is told the new password": changed(
        "help-desk reset", needs=(frozenset({"one agent"}),), gives="session"
    ),
    "an agent sets the password": (
        *without("sign in", "a factor"),
        Route("agent", (frozenset({"one agent"}),), "password"),
    ),
    "the phone resets the password": (*ROUTES, Route("text", (frozenset({"phone"}),), "password")),
    "the trusted browser is enough": changed("sign in", needs=(frozenset({"remembered"}),)),
    '"not me" leaves a mailbox-only account': changed("this was not me", gives="no factors"),
    "an old address opens an account": (
        *ROUTES,
        Route("old", (frozenset({"old mailbox"}),), "no factors"),
        Route("then", (frozenset({"no factors"}),), "session"),
    ),
    "merging asks for the mailbox only": changed(
        "merge with another ID by mail", needs=(MAILBOX,), without_factors=False
    ),
    "a route without any need": (*ROUTES, Route("open", (NOTHING,), "session")),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_table_is_flagged(name):
    """Issue: at least ten deliberately broken tables."""
    assert findings(STRONG, BROKEN[name]), name


@pytest.mark.django_db
@pytest.mark.parametrize("is_open", [True, False])
def test_the_pages_ask_the_table(client, inbox, monkeypatch, is_open):
    """Whatever the table says, they do: with a phone and the mailbox alone, and the other way round."""
    account = AccountFactory(phone="+13105550123" if is_open else "")
    begin(client, account, inbox)
    monkeypatch.setattr(recovery_routes, "open_to", lambda name, *, proved, has_factors: is_open)
    page = client.get(RESET)
    assert (b'name="password_again"' in page.content) is is_open
    assert lost_factors.may_remove(proved=set()) is is_open


def test_the_table_answers():
    assert open_to("forgot password", proved={"mailbox", "phone"}, has_factors=True)
    assert not open_to("forgot password", proved={"mailbox"}, has_factors=True)
    assert open_to("forgot password by mail", proved={"mailbox"}, has_factors=False)
    assert not open_to("forgot password by mail", proved={"mailbox"}, has_factors=True)
    assert not open_to("lost methods", proved={"mailbox", "second mailbox", "phone"}, has_factors=True)


# Every address of identity and the route that it is part of. A new address is thought about here.
PART_OF = {
    "sign in": "account_login password second_factor passkey",
    "sign in by mail": "access_code secured password_age agree no_factor",
    "fresh proof": "confirm",
    "first password": "first_password",
    "forgot password": "forgot_password forgot_password_sent reset reset_link",
    "lost methods": "lost_factors reset_lost_methods",
    "this was not me": "not_me",
    "help-desk reset": "stop_reset",
    "change password": "change_password",
    "change phone": "change_phone verify_phone verify_phone_text verify_phone_call update_phone keypad",
    "add a method": "faster_sign_in passkey_options add_passkey rename_passkey set_up_authenticator recovery_codes "
    "new_recovery_codes download_recovery_codes remove_method",
    "change primary address": "addresses add_address verify_address make_primary remove_address address_link co_workers",
    "choose questions": "change_questions choose_questions",
    "nothing: sign-up": "account_signup verify_email change_address activate shared_address",
    "nothing: names by mail": "forgot_id forgot_id_sent",
    "nothing: the own session": "held session_state session_stay session_keep account_logout signed_out devices "
    "end_other_sessions end_session forget_devices",
    "nothing: the own profile": "profile change_name change_login_name preferences choose_messages signed_agreements "
    "agreement_copy history your_dates calendar",
    "merge with another ID": "merge merge_password merge_second_step merge_choose merge_confirm merged undo_merge",
    "nothing: words": "terms privacy help what_is_an_optum_id guide_passkey guide_authenticator language "
    "tickets ticket merge_help ticket_by_mail",
    "nothing: the own mails and files": "send_mail_again mail_events message_files file file_page download_file delete_file",
}  # fmt: skip


def test_every_address_of_identity_is_part_of_a_route():
    names = {name for names in PART_OF.values() for name in names.split()}
    assert {pattern.name for pattern in urls.urlpatterns} == names
    known = {route.name for route in ROUTES}
    assert {part for part in PART_OF if not part.startswith("nothing")} <= known
