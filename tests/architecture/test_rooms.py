"""Rooms: what import-linter's contracts in pyproject.toml cannot see. They hold which room may import which."""

import ast
import re
from graphlib import TopologicalSorter

import grimp

from tests.sources import LAYERS, ROOT, SOURCES


def in_functions(source: str) -> list[str]:
    """The own modules that are imported inside functions."""
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    lines = {inner for node in functions for inner in ast.walk(node) if isinstance(inner, ast.ImportFrom | ast.Import)}
    named = [getattr(line, "module", None) or line.names[0].name for line in lines]
    return [name for name in named if name.split(".")[0] in LAYERS]


def test_no_circle_of_imports():
    """rooms: over all imports, those inside functions and for type checkers too."""
    graph = grimp.build_graph(*LAYERS, cache_dir=None)
    TopologicalSorter({name: graph.find_modules_directly_imported_by(name) for name in graph.modules}).prepare()


def test_borrowed_internals_stand_in_one_file():
    """rooms: a new version of allauth is looked at in one place."""
    borrowed = re.compile(r"^(from|import) allauth\S*\.internal", re.MULTILINE)
    borrowers = [path.relative_to(ROOT) for path in SOURCES if borrowed.search(path.read_text())]
    assert [str(path) for path in borrowers] == ["identity/allauth_seam.py"]


def test_imports_inside_functions_are_for_weight_only():
    """rooms: outside ready() and the demo at most ten, for what is heavy to load; none to go round a circle."""
    found = {
        str(path.relative_to(ROOT)): names
        for path in SOURCES
        if path.name != "apps.py" and "demo" not in path.parts and (names := in_functions(path.read_text()))
    }
    assert sum(map(len, found.values())) <= 10, found
