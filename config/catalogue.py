"""Collecting the texts of templates and modules into the Spanish catalogue, and saying what is not translated."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
APPS = ("config", "identity", "rbac", "portals", "accessforms", "enrollment")
LOCALE = "es"
KEYWORDS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
}


def po_path() -> Path:
    """The one catalogue."""
    return ROOT / "locale" / LOCALE / "LC_MESSAGES" / "django.po"


def texts() -> Catalog:
    """Every text of the product, with the files it stands in."""
    catalogue = Catalog(project="Healthcare ID", charset="utf-8", fuzzy=False)
    for path, source in _sources():
        place = path.relative_to(ROOT).as_posix()
        for line, text, comments, context in extract("python", BytesIO(source), keywords=KEYWORDS):
            catalogue.add(text, locations=[(place, line)], auto_comments=comments, context=context)
    return catalogue


def _sources() -> Iterator[tuple[Path, bytes]]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, path.read_bytes()
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.suffix in (".html", ".txt"):
            # Read by the rules of Python, to which the indents of a page would be blocks.
            lines = templatize(path.read_text(), origin=str(path)).splitlines()
            yield path, "\n".join(line.lstrip() for line in lines).encode()


def read() -> Catalog:
    """The catalogue as it is stored."""
    if not po_path().exists():
        return Catalog(locale=LOCALE, charset="utf-8", fuzzy=False)
    with po_path().open("rb") as stored:
        return read_po(stored, locale=LOCALE)


def update() -> list[str]:
    """Bring the catalogue up to date with the texts and compile it; answers what is missing."""
    catalogue = read()
    catalogue.update(texts(), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    po_path().parent.mkdir(parents=True, exist_ok=True)
    with po_path().open("wb") as out:
        write_po(out, catalogue, sort_output=True, no_location=True, omit_header=False, width=110)
    with po_path().with_suffix(".mo").open("wb") as out:
        write_mo(out, catalogue)
    return missing()


def missing() -> list[str]:
    """Texts that have no Spanish words yet."""
    stored = read()
    found = []
    for message in texts():
        if not message.id:
            continue
        known = stored.get(message.id[0] if isinstance(message.id, tuple) else message.id, message.context)
        words = known.string if known else ""
        if not (all(words) if isinstance(words, (list, tuple)) else words) or (known and known.fuzzy):
            found.append(str(message.id))
    return found
