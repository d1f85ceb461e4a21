"""Domain functions that lock or record do it in one transaction (code F1, attack H7, walk A3).

`django_db` puts every test into a transaction of its own, where a missing one cannot be seen: the syntax tree shows it.
"""

import ast

import pytest

from tests.sources import DOMAIN

NEEDS = {"journal.record", "outbox.enqueue"}
PROMISE = "the caller's transaction"


def is_atomic(node: ast.expr) -> bool:
    return "transaction.atomic" in ast.unparse(node)


def bare_calls(function: ast.FunctionDef) -> set[str]:
    """What a function calls outside any `with transaction.atomic()` of its own."""
    found, waiting = set(), list[ast.AST](function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.With) and any(is_atomic(item.context_expr) for item in node.items):
            continue
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            found.add("a lock" if name.endswith(".select_for_update") else name)
        waiting += ast.iter_child_nodes(node)
    return found


def without_transaction(source: str) -> list[str]:
    """Public functions that lock or record, themselves or by a private function of the module, outside a transaction.

    A call from one module to another is the other one's business: it opens a transaction, or says whose it needs.
    """
    functions = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
    safe = {
        name
        for name, node in functions.items()
        if any(map(is_atomic, node.decorator_list)) or PROMISE in " ".join((ast.get_docstring(node) or "").split())
    }
    needing = NEEDS | {"a lock"}
    while more := {
        name for name, node in functions.items() if name not in safe | needing and bare_calls(node) & needing
    }:
        needing = needing | more
    return sorted(name for name in needing & functions.keys() if not name.startswith("_"))


@pytest.mark.parametrize("path", DOMAIN, ids=lambda path: "/".join(path.parts[-3:]))
def test_whoever_locks_or_records_does_it_in_a_transaction(path):
    assert without_transaction(path.read_text()) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("def act():\n    journal.record(1)", ["act"]),
        ("def act():\n    Account.objects.select_for_update().get()", ["act"]),
        ("def act():\n    _do()\ndef _do():\n    outbox.enqueue(1)", ["act"]),
        ("@transaction.atomic\ndef act():\n    journal.record(1)", []),
        ("def act():\n    with transaction.atomic():\n        _do()\ndef _do():\n    journal.record(1)", []),
        ("def act():\n    _do()\n@transaction.atomic\ndef _do():\n    journal.record(1)", []),
        ('def act():\n    """Done in the caller\'s\n    transaction."""\n    journal.record(1)', []),
        ("@transaction.atomic\ndef may():\n    return 1\ndef act():\n    journal.record(1)", ["act"]),
    ],
)
def test_the_check_sees_what_hides_a_missing_transaction(source, found):
    assert without_transaction(source) == found
