"""Access grants have one writer (rooms, 3): what came of what, the journal and the sign-ons that hang on a row rest on it.

A merge moves rows of every table by the rules that each app declares, without naming any: it is no writer here.
"""

import ast

import pytest

from tests.sources import ROOT, SOURCES

# Sweeps change many grants in one statement, each with its event and its mail.
WRITERS = {"rbac/domain/grants.py", "rbac/domain/bulk.py"}
WRITES = {
    "add", "adelete", "asave", "aupdate", "bulk_create", "bulk_update", "clear", "create", "delete", "get_or_create",
    "remove", "save", "set", "update", "update_or_create",
}  # fmt: skip
REVERSE = {"access_grants", "given_grants", "ended_grants", "suspended_grants"}
PARTS = {"objects", "tins", "practices", "attributes", "capabilities"}
READERS = {"grants.current", "grants.last", "grants.for_account", "practices.holders_of"}


def is_of_grants(node: ast.expr, names: set[str]) -> bool:
    """Whether a chain of calls begins with grants: the class, a reverse relation, a read of the domain, or a name for
    one. A field leads away from it, but for those that are part of a grant."""
    while True:
        match node:
            case ast.Name():
                return node.id == "AccessGrant" or node.id in names
            case ast.Attribute() if node.attr in REVERSE | HELD or ast.unparse(node) in READERS:
                return True
            case ast.Attribute() if node.attr in PARTS:
                node = node.value
            case ast.Call(func=ast.Name(id="list" | "cast"), args=[*_, node]):
                pass
            case ast.Call(func=ast.Attribute() as method) if ast.unparse(method) not in READERS:
                node = method.value
            case ast.Call():
                node = node.func
            case ast.Subscript():
                node = node.value
            case _:
                return False


def held_by_other_rows(sources: list[str]) -> set[str]:
    """Fields of any class that hold a grant or a query of grants: OidcSession.grant, Act.due."""
    found = set()
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.ClassDef):
                for line in node.body:
                    if isinstance(line, ast.AnnAssign) and "AccessGrant" in ast.unparse(line.annotation):
                        found.add(ast.unparse(line.target))
                    if isinstance(line, ast.Assign) and "ForeignKey(AccessGrant" in ast.unparse(line.value):
                        found.add(ast.unparse(line.targets[0]))
    return found


def names_for_grants(tree: ast.Module) -> set[str]:
    """What a module calls grants: annotated arguments, and whatever is assigned or looped over from one."""
    names = {
        node.arg
        for node in ast.walk(tree)
        if isinstance(node, ast.arg) and node.annotation and "AccessGrant" in ast.unparse(node.annotation)
    }
    while True:
        found = set()
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and not isinstance(node.value, ast.Constant):
                targets, value = node.targets, node.value
            elif isinstance(node, ast.For | ast.comprehension):
                targets, value = [node.target], node.iter
            elif isinstance(node, ast.NamedExpr):
                targets, value = [node.target], node.value
            else:
                continue
            if is_of_grants(value, names):
                found |= {target.id for target in targets if isinstance(target, ast.Name)}
        if found <= names:
            return names
        names |= found


HELD = held_by_other_rows([path.read_text() for path in SOURCES])


def writes_of_grants(source: str) -> list[str]:
    """Every place that makes, changes or deletes a grant."""
    tree, found = ast.parse(source), []
    names = names_for_grants(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "AccessGrant":
            found.append(ast.unparse(node))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES:
            if is_of_grants(node.func.value, names):
                found.append(ast.unparse(node))
        if isinstance(node, ast.Assign | ast.AugAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Attribute | ast.Subscript) and is_of_grants(target.value, names):
                    found.append(ast.unparse(node))
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nobody_else_writes_grants(path):
    found = writes_of_grants(path.read_text())
    assert bool(found) == (str(path.relative_to(ROOT)) in WRITERS), found


@pytest.mark.parametrize(
    "source",
    [
        "AccessGrant.objects.create(account=1)",
        "AccessGrant(account=1).save()",
        "AccessGrant.objects.current().filter(pk=1).update(until=now)",
        "account.access_grants.all().delete()",
        "def act(grant: AccessGrant):\n    grant.save()",
        "def act(grant: AccessGrant):\n    grant.attributes['a'] = 1",
        "def act(rows: QuerySet[AccessGrant]):\n    rows.update(until=None)",
        "last = grants.last(account=1)\nlast.tins.add(2)",
        "rows = AccessGrant.objects.all()\nown = rows.filter(pk=1)\nfor row in own:\n    row.until = now",
        "if found := AccessGrant.objects.first():\n    found.delete()",
        "def act(session: OidcSession):\n    session.grant.delete()",
    ],
)
def test_the_check_sees_a_writer(source):
    assert writes_of_grants(source)


@pytest.mark.parametrize(
    "source",
    [
        "AccessGrant.objects.current().filter(pk=1).first()",
        "def act(grant: AccessGrant):\n    grants.end(account=grant.account)",
        "def act(grant: AccessGrant):\n    names = {}\n    names.update(key=grant.portal_key)",
        "Submission.objects.filter(account=grant.account).update(state=1)",
        "def act(grant: AccessGrant):\n    grant.account.save()",
        "def act(due: QuerySet[Printout]):\n    due.update(state=1)",
    ],
)
def test_the_check_lets_readers_be(source):
    assert not writes_of_grants(source)
