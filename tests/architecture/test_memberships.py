"""Memberships have one writer, and a grant ends in one function: nothing that says "open" hangs on what ended (D-29).

A merge moves rows of every table by the rules that each app declares, without naming any: it is no writer here.
"""

import ast

import pytest

from tests.architecture.test_grants import WRITES
from tests.sources import ROOT, SOURCES

WRITERS = {
    "rbac/domain/grants.py",
    "rbac/domain/mandate_people.py",
    "rbac/domain/membership_rows.py",
    "rbac/domain/memberships.py",
}
CALLS = {"bring_back", "end_one", "end_with", "join", "make", "make_way", "open_one"}


def writes_of_memberships(source: str) -> list[str]:
    """Every call that makes, changes or deletes rows of memberships, and every call of the rows' own functions."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Name(id="Membership")):
                found.append(ast.unparse(node))
            case ast.Call(func=ast.Attribute(value=of, attr=name)) if name in WRITES:
                chain = ast.unparse(of)
                if "Membership.objects" in chain or ".memberships." in f"{chain}." or "Membership.tins" in chain:
                    found.append(ast.unparse(node))
            case ast.Call(func=ast.Attribute(value=ast.Name(id="membership_rows"), attr=name)) if name in CALLS:
                found.append(ast.unparse(node))
    return found


def functions_that_end_grants(source: str) -> list[str]:
    """Functions that set `until` of a grant: a row of grants is updated or made with it."""
    return [
        function.name
        for function in ast.walk(ast.parse(source))
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
        and "AccessGrant" in ast.unparse(node.func)
        and any(keyword.arg == "until" for keyword in node.keywords)
        and ast.unparse(node.func).endswith((".update", ".create"))
    ]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nobody_else_writes_memberships(path):
    found = writes_of_memberships(path.read_text())
    assert bool(found) == (str(path.relative_to(ROOT)) in WRITERS), found


def test_a_grant_ends_in_one_function():
    ends = [(path.name, name) for path in SOURCES for name in functions_that_end_grants(path.read_text())]
    assert ends == [("grants.py", "_end")]


@pytest.mark.parametrize(
    "source",
    [
        "Membership(grant=1).save()",
        "Membership.objects.current().filter(pk=1).update(until=now)",
        "grant.memberships.all().delete()",
        "Membership.objects.create(grant=1)",
        "membership_rows.end_with([grant])",
    ],
)
def test_the_check_sees_a_writer(source):
    assert writes_of_memberships(source)


def test_the_check_sees_a_second_end():
    assert functions_that_end_grants("def close(now):\n    AccessGrant.objects.filter(pk=1).update(until=now)")
    assert not functions_that_end_grants("def find(now):\n    AccessGrant.objects.filter(until=now).first()")
