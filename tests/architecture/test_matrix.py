"""Who may: every named address of the product x GET and POST x eleven actors x an object here, elsewhere and missing.

The answers stand in `matrix.toml`, written by hand from the rules. An address without a row fails, and a row without an
address. Besides, for every answer: what is not theirs answers in the bytes of what does not exist, and no page, list,
file or counter of an actor names somebody whom they may not know of (D-28, S4-16).
"""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from http.cookies import SimpleCookie
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pytest
import time_machine
from django.db import transaction
from django.test import override_settings
from django.urls import URLResolver, get_resolver, reverse

from identity.notices import tickets
from tests import matrix_world
from tests.conftest import body
from tests.factories import NOW
from tests.matrix_world import PORTALS, World, secret_name
from tests.steps import administrator_requests
from tests.steps.invitations import user_invited

TABLE = tomllib.loads(Path(__file__).with_name("matrix.toml").read_text())
ACTORS = TABLE["actors"]
MIRRORED = {"user": "other user", "administrator": "other administrator", "desk": "other desk"}
MIRRORED |= {there: here for here, there in MIRRORED.items()}
# What GET and POST are to whoever may. The admin site's pages take both; one that only shows refuses
# a form with 403, one with several steps knows none without a name.
METHODS = {
    "read": ("yes", "method"), "form": ("yes", "yes"), "button": ("method", "yes"), "any": ("yes", "yes"),
    "list": ("yes", "yes"), "add": ("yes", "yes"), "look": ("yes", "no"), "leads": ("on", "yes"),
    "steps": ("yes", "none"), "asks": ("yes", "door"), "asked again": ("yes", "always on"),
}  # fmt: skip
DEMO = {"mail_preview", "inbox_json", "inbox_keypad"}  # the demo's inbox is no part of the product
PEOPLE = ("stranger", "user", "other user", "administrator", "other administrator", "closed")
SURE = 6  # characters: so long a value stands on a page by chance nowhere
SHUT = ("no", "none", "gone")


# --- the table --------------------------------------------------------------------------------------------------------
def names(patterns=None, spaces=(), taken=()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every named address with its namespace, and what its path names."""
    for pattern in patterns or get_resolver().url_patterns:
        named = (*taken, *pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLResolver):
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from names(pattern.url_patterns, inner, named)
        elif pattern.name and not {*spaces, pattern.name} & DEMO:
            yield ":".join((*spaces, pattern.name)), named


def spread(name: str) -> list[str]:
    """`a_{b,c}` as `a_b` and `a_c`."""
    head, brace, rest = name.partition("{")
    inner, _brace, tail = rest.partition("}")
    return [f"{head}{one}{tail}" for one in inner.split(",")] if brace else [name]


@cache
def rows() -> dict[str, dict[str, str]]:
    """By name of the address: its methods, its object and who may, from a heading such as `own, read, ticket`."""
    found = {}
    for heading, listed in TABLE["addresses"].items():
        policy, methods, *about = (part.strip() for part in heading.split("/"))
        for name in (one for listed_name in listed for one in spread(listed_name)):
            assert name not in found, f"{name} has two rows"
            about += [""] * (2 - len(about))
            found[name] = {"policy": policy, "methods": methods, "object": about[0], "portal": about[1] or "claims"}
    return found


def answers(policy: str, *, is_foreign: bool = False) -> dict[str, str]:
    line = TABLE["policies"].get(f"{policy}, foreign") if is_foreign else TABLE["policies"][policy]
    if line is not None:
        return dict(zip(ACTORS, line.split(), strict=True))
    here = answers(policy)
    return {actor: here[MIRRORED.get(actor, actor)] for actor in ACTORS}


def test_every_address_has_a_row_and_every_row_an_address():
    """ground 7: no URL exists without a written answer to "who may"."""
    assert sorted(arguments()) == sorted(rows())
    for row in rows().values():
        assert set(answers(row["policy"])) == set(ACTORS)
    used = {row["policy"] for row in rows().values()}
    assert {name.removesuffix(", foreign") for name in TABLE["policies"]} == used, "a policy that no row has"


# --- the world --------------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker, tmp_path_factory) -> Iterator[World]:
    """One world for all: what an answer has written is taken back, so nobody meets it."""
    folder = tmp_path_factory.mktemp("files")
    with (
        django_db_blocker.unblock(),
        override_settings(MEDIA_ROOT=folder, PUBLIC_URL="http://localhost"),
        transaction.atomic(),
    ):
        yield matrix_world.build()
        transaction.set_rollback(True)


@pytest.fixture
def site(world, db, settings):
    settings.MEDIA_ROOT = world.folder
    settings.DEMO = False  # which spares the telephone company its signature
    settings.TWILIO = {"account": "AC1", "token": "secret", "from": "+13105550100"}
    return world


class Answer(NamedTuple):
    word: str  # of the table
    status: int
    where: str  # of a redirect
    content: bytes


def ask(world: World, portal: str, actor: str, method: str, path: str, typed: dict[str, str] | None = None) -> Answer:
    """The answer; afterwards neither the rows nor the browser know that it was asked."""
    browser = world.casts[portal].browsers[actor]
    cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
    browser.raise_request_exception = False
    with transaction.atomic(), time_machine.travel(world.built_at, tick=False):
        world.put_clocks_back()
        got = getattr(browser, method)(path, typed, headers={"sec-fetch-mode": "navigate"})
        content = body(got) if got.streaming else got.content
        transaction.set_rollback(True)
    browser.cookies = SimpleCookie(cookies)
    where = got.get("Location", "")
    return Answer(word(got.status_code, where, content), got.status_code, where, content)


NOT_FOUND = b"<h1>Page not found</h1>"
DOORS = ("/id/sign-in/", "/admin/login/")
REFUSALS = {400: "bad", 401: "no", 403: "no", 404: "none", 405: "method"}


def word(status: int, where: str, content: bytes) -> str:
    """What an answer is called in the table."""
    if status >= 500:
        return f"failed with {status}"
    if status in (404, 410) and b"<h1" in content and NOT_FOUND not in content:
        return "said"
    if status in REFUSALS:
        return REFUSALS[status]
    if not 300 <= status < 400:
        return "yes"
    path = where.partition("?")[0]
    if path.startswith(DOORS):
        return "door"
    if path.endswith("/other-account/"):
        return "realm"
    if path.endswith(("/portals/", "/way-back/")):
        return "ask"
    return "gone" if path == "/admin/" else "on"


# --- the answers ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", sorted(rows()))
def test_it_answers_as_the_table_says(site, name):
    row = rows()[name]
    here, there, missing = site.objects[row["object"]] if row["object"] else ({}, None, None)
    wrong = []
    for named, is_foreign in ((here, False), (there, True)):
        for actor, says in answers(row["policy"], is_foreign=is_foreign).items() if named is not None else ():
            if is_foreign and says == "door":  # nobody looked for an object
                continue
            for method, allowed in zip(("get", "post"), METHODS[row["methods"]], strict=True):
                path = path_of(name, row, named)
                got = ask(site, row["portal"], actor, method, path)
                said = f"{actor}: {method} {path} "
                if not is_as_told(got.word, says=says, allowed=allowed, method=method):
                    wrong.append(f"{said} is {got.word} ({got.status} {got.where}), not {says}")
                inviting = (
                    [secret_name("administrator", key).encode() for key in PORTALS] if name in SAY_WHO_INVITES else []
                )
                secret = [word for word in secrets(actor, row["portal"]) if word not in inviting]
                if told := [word for word in secret if word in got.content]:
                    wrong.append(f"{said} tells of {told}")
                if missing is not None and says in ("none", "shut") and (method == "get" or row["methods"] == "button"):
                    other = path_of(name, row, missing)
                    nothing = ask(site, row["portal"], actor, method, other)
                    found = masked(got, named, path), masked(nothing, missing, other)
                    if found[0] != found[1]:
                        wrong.append(f"{said} is not what does not exist: {differing(*found)}")
    assert wrong == []


def differing(one: tuple, other: tuple) -> object:
    """Where two answers part, for whoever reads the failure."""
    if one[:2] != other[:2]:
        return one[:2], other[:2]
    same = (n for n, (a, b) in enumerate(zip(one[2], other[2], strict=False)) if a != b)
    at = max(next(same, min(len(one[2]), len(other[2]))), 30)
    return one[2][at - 30 : at + 30], other[2][at - 30 : at + 30]


def masked(answer: Answer, named: dict[str, object], path: str = "") -> tuple[int, str, bytes]:
    """An answer without what differs by chance, or names the object that was asked for."""
    content = re.sub(rb'name="csrfmiddlewaretoken" value="[^"]+"|nonce="[^"]+"', b"", answer.content)
    values = sorted((str(value) for value in named.values()), key=len, reverse=True)
    asked = [quote(path, safe=""), path, *(value for value in values if len(value) >= SURE)]
    for one in filter(None, asked):  # a short key by itself could be anything: its address alone is masked
        content = content.replace(one.encode(), b"ID")
    for name, value in named.items():
        for shape in ("{}={}", 'name="{}" value="{}"'):
            content = content.replace(shape.format(name, value).encode(), shape.format(name, "ID").encode())
    where = answer.where
    for one in filter(None, [*asked, *values]):
        where = where.replace(one, "ID")
    return answer.status, where, content


# Whoever holds the link reads who invites.
SAY_WHO_INVITES = {"invitation", "invitation_new", "invitation_join", "invitation_code", "invitation_again"}


@cache
def secrets(actor: str, portal: str) -> list[bytes]:
    """The names of the people, and of the practices, that an actor may not know of."""
    known = {
        "operator": {(who, key) for who in PEOPLE for key in PORTALS},
        "operators' group": {(who, key) for who in PEOPLE for key in PORTALS},
        "desk": {(who, portal) for who in PEOPLE},
        "other desk": {(who, key) for who in PEOPLE for key in PORTALS if key != portal},
        "user": {(who, portal) for who in ("user", "administrator", "closed")},
        "other user": {(who, portal) for who in ("other user", "other administrator")},
    }
    known |= {"administrator": known["user"], "other administrator": known["other user"]}
    own = known.get(actor, set()) | {(actor, portal)}
    return [secret_name(*one).encode() for one in {(who, key) for who in PEOPLE for key in PORTALS} - own]


# --- lists, searches and counters -------------------------------------------------------------------------------------
LISTS = sorted(name for name, row in rows().items() if row["methods"] == "list")


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(("desk", "foreign"), [("desk", "provider-online"), ("other desk", "claims")])
def test_a_search_finds_nobody_of_another_desk(site, name, desk, foreign):
    """D-28: a name of somebody else's people is answered as one that nobody has, so is a filter by their key."""
    listed, person = reverse(name), site.casts[foreign].people["user"]
    queries = [(f"?q={typed}", f"?q={'z' * len(typed)}") for typed in (person.last_name, person.login_name)]
    for asked, nothing in [*queries, (f"?person={person.pk}", f"?person={matrix_world.MISSING_PK}")]:
        answers = [
            masked(ask(site, "claims", desk, "get", listed + query), dict([query[1:].split("=")]), listed + query)
            for query in (asked, nothing)
        ]
        assert answers[0] == answers[1], asked


def test_the_counters_of_a_desk_count_its_own(site):
    """D-28: what waits at another desk moves no number here."""
    pages = {desk: [] for desk in ("desk", "other desk")}
    for _ in range(2):
        for desk, found in pages.items():
            found.append(masked(ask(site, "claims", desk, "get", "/admin/"), {}))
        asker = site.casts["provider-online"].people["other user"]
        about = {"portal_key": "provider-online", "queue": "provider-online"}
        tickets.open(account=asker, topic="other", text="help", by=asker, now=NOW, **about)
    assert pages["desk"][0] == pages["desk"][1]
    assert pages["other desk"][0] != pages["other desk"][1]


@pytest.mark.parametrize("owner", ["administrator", "other administrator"])
def test_the_lists_of_a_practice_count_and_page_their_own(site, owner):
    """S4-22: an invitation of another practice moves no number here, and its key is no place in the list."""
    (other,) = {"administrator", "other administrator"} - {owner}
    cast = site.casts["provider-online"]
    own, foreign = (cast.here, cast.elsewhere) if owner == "administrator" else (cast.elsewhere, cast.here)
    names = ("people", "people_pending", "people_export", "people_history", "practice_health")
    paths = [reverse(name, args=["provider-online", own.pk]) for name in names]

    def shown(actor: str, asked: list[str]) -> list[object]:
        return [masked(ask(site, "provider-online", actor, "get", path), {}) for path in asked]

    theirs = [reverse(name, args=["provider-online", foreign.pk]) for name in names[:2]]
    before = shown(owner, paths), shown(other, theirs)
    made = user_invited("one.more@example.org", practice=foreign, by=cast.people[other])
    assert shown(owner, paths) == before[0]
    assert shown(other, theirs) != before[1]
    after = [{"after": key} for key in (str(made.pk), str(matrix_world.MISSING_UUID))]
    answers = [
        masked(ask(site, "provider-online", owner, "get", f"{paths[1]}?after={named['after']}"), named)
        for named in after
    ]
    assert answers[0] == answers[1]


TYPED = {"name": "Kim", "email": "kim@example.org"}


@pytest.mark.parametrize(
    ("name", "typed"), [("ask_my_practice", TYPED), ("administrator_request", administrator_requests.TYPED)]
)
@pytest.mark.parametrize("actor", ["nobody", "stranger", "user", "administrator", "closed"])
def test_a_form_tells_nothing_of_a_practice(site, name, typed, actor):
    """D-25: a tax ID that a practice has here, elsewhere, or nowhere is answered alike."""
    path = reverse(name, args=["provider-online"])
    told = set()
    for tin in matrix_world.TINS:
        sent = typed | {"tin": tin, "tin_again": tin}
        answer = ask(site, "provider-online", actor, "post", path, sent)
        assert answer.status == 302, answer.content
        told.add(masked(answer, {}))
    assert len(told) == 1


def is_as_told(word: str, *, says: str, allowed: str, method: str) -> bool:
    """Whether an answer is the one of the table, for a method that whoever may come is answered with `allowed`. A form
    that was taken may lead on; and a wrong method may be said before anybody is asked for the object."""
    if says == "shut":
        return word in SHUT or word == allowed == "method"
    if allowed == "always on":  # by POST it only becomes a GET
        return word == ("on" if method == "post" else says)
    if allowed == "method":
        return word == "method" or word == says != "yes"
    if says == "yes":
        return word == allowed or (method == "post" and allowed == "yes" and word in ("on", "gone"))
    return word == says


def path_of(name: str, row: dict[str, str], named: dict[str, object]) -> str:
    given = {"portal_key": row["portal"], **TABLE["arguments"].get(name, {}), **named}
    path = reverse(name, kwargs={key: given[key] for key in arguments()[name]})
    return f"{path}?{given['?']}" if "?" in given else path


@cache
def arguments() -> dict[str, set[str]]:
    """By name of the address: what its path names."""
    return {name: set(taken) for name, taken in names()}
