"""docs/, README and CONTRIBUTING say what is so: paths, links, walks, the order of rooms, the version."""

import ast
import re
import tomllib
from functools import cache
from itertools import groupby
from pkgutil import resolve_name

import pytest
from django.apps import apps

from tests.sources import LAYERS, ROOT, tracked

PAGES = [name for name in tracked() if name.endswith(".md") and (ROOT / name).exists()]
TOP = {name.split("/")[0] for name in tracked()}
CONFIG = tomllib.loads((ROOT / "pyproject.toml").read_text())
# Made by a command, so not in the repository: where they are named, they are meant.
MADE = ("config/static/vendor", "var")


def paths_in(text):
    """What stands in backticks and looks like a path of ours: `docs/`, `identity/keys/fields.py::test`."""
    for span in re.findall(r"`([^`\n]+)`", text):
        name = span.split("::")[0]
        if "/" in name and name.split("/")[0] in TOP and not re.search(r"[\s<>*{}…]|\.\.\.", name):
            yield name


def dotted_in(text):
    """What stands in backticks and looks like a module of ours or what is in it: `identity.record.journal`."""
    return re.findall(rf"`((?:{'|'.join(LAYERS)})(?:\.\w+)+)`", text)


@cache
def permissions():
    """The permissions that the models declare, as pages name them: `rbac.run_sweeps`."""
    return {
        f"{model._meta.app_label}.{codename}"
        for model in apps.get_models()
        for codename in [
            *(name for name, _ in model._meta.permissions),
            *(f"{act}_{model._meta.model_name}" for act in ("add", "change", "delete", "view")),
        ]
    }


def is_there(dotted):
    try:
        resolve_name(dotted)
    except (ImportError, AttributeError):
        return dotted in permissions()
    return True


@pytest.mark.parametrize("page", PAGES)
def test_every_path_that_a_page_names_exists(page):
    text = (ROOT / page).read_text()
    assert [name for name in paths_in(text) if not name.startswith(MADE) and not (ROOT / name).exists()] == []
    assert [name for name in dotted_in(text) if not is_there(name)] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_leads_somewhere(page):
    """Files, and headings within them, as they are turned into anchors."""
    for target in re.findall(r"\]\(([^)\s]+)\)", (ROOT / page).read_text()):
        if re.match(r"(https?|mailto):", target):
            continue
        path, _, anchor = target.partition("#")
        file = (ROOT / page).parent / path if path else ROOT / page
        assert file.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.+)$", file.read_text(), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}, (
                target
            )


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("docs/peer-tests-")])
def test_every_test_that_a_map_names_is_there(page):
    """Ours stand in the second column."""
    rows = re.findall(r"^\| .+? \| (.+) \|$", (ROOT / page).read_text(), re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(test_\w+)`", row)}
    ours = {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^ *def (test_\w+)", file.read_text(), re.MULTILINE)
    }
    assert named
    assert named - ours == set()


def test_each_step_of_the_walks_is_where_the_page_says():
    """docs/architecture.md: the three walks name file and function."""
    text = (ROOT / "docs/architecture.md").read_text()
    steps = re.findall(r"^\| .+ \| `(\S+\.py)` \| `(\w+)` \|$", text, re.MULTILINE)
    assert len(steps) >= 25
    for file, function in steps:
        defined = {
            node.name
            for node in ast.walk(ast.parse((ROOT / file).read_text()))
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
        }
        assert function in defined, f"{file} has no {function}"


@pytest.mark.parametrize("app", ["identity", "portals"])
def test_the_picture_of_the_rooms_is_the_contract(app):
    """docs/architecture.md: the order that lint-imports holds; within one line of it a picture may group as it likes."""
    contract = next(
        found["layers"]
        for found in CONFIG["tool"]["importlinter"]["contracts"]
        if found.get("containers") == [app] and found["type"] == "layers"
    )
    rank = {name: number for number, layer in enumerate(contract) for name in re.findall(r"\w+", layer)}
    after = (ROOT / "docs/architecture.md").read_text().split(f"**{app}**, the highest room first:")[1]
    table = [line for line in after.split("\n\n")[1].split("\n") if line.startswith("| `")]
    drawn = [re.findall(r"`(\w+)`", line.split("|")[1]) for line in table]
    assert sorted(name for names in drawn for name in names) == sorted(rank)
    ranks = [rank[name] for names in drawn for name in names]
    assert ranks == sorted(ranks)


def test_the_newest_release_of_the_changelog_is_the_version():
    """One place has the number, pyproject.toml; what is not released yet stands above it under that word."""
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    released = [heading.split(",")[0] for heading in headings if heading != "Unreleased"]
    assert released[0] == CONFIG["project"]["version"]
    assert headings.index("Unreleased") == 0 if "Unreleased" in headings else True
    numbers = [tuple(map(int, release.split("."))) for release in released]
    assert numbers == sorted(numbers, reverse=True)


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("docs/decisions/")])
def test_every_decision_has_its_number_a_date_and_a_status(page):
    text, number = (ROOT / page).read_text(), page.split("/")[-1][:4]
    assert re.match(rf"# {number} \S", text)
    stands = re.search(r"^\d{4}-\d{2}-\d{2} · (proposed|accepted|replaced by (\d{4})|accepted, in part replaced by (\d{4}))$", text, re.MULTILINE)  # fmt: skip
    assert stands, "no line with date and status"
    for other in filter(None, stands.groups()[1:]):
        assert any(name.startswith(f"docs/decisions/{other}-") for name in PAGES)


def test_no_number_of_a_decision_is_taken_twice():
    numbers = sorted(page.split("/")[-1][:4] for page in PAGES if page.startswith("docs/decisions/"))
    assert [number for number, found in groupby(numbers) if len(list(found)) > 1] == []
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
