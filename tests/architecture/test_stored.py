"""What rows name by a text keeps that text: from version 0.2.0 on a stored name cannot change unseen.

`stored.toml` is written by hand. Whoever renames or removes a name there writes the migration that carries rows along.
"""

import tomllib
from dataclasses import fields
from pathlib import Path

import pytest
from django.apps import apps
from django.utils import translation

from identity.codes import codes
from identity.record import journal, kinds, outbox
from rbac.capabilities import Capability
from tests.sources import LAYERS

LISTED = Path(__file__).with_name("stored.toml")


def declared() -> dict[str, dict[str, str]]:
    """By section: the stored name, its label and, for kinds, the names under which a row keeps its parts."""
    with translation.override("en"):
        found = {
            "events": {name: told(str(one.title), journal.fact_names(one)) for name, one in own(journal.KINDS)},
            "messages": {
                name: told(one.channel.value, [field.name for field in fields(one)]) for name, one in own(outbox.KINDS)
            },
            "capabilities": {one.value: str(one.label) for one in Capability},
            "purposes of codes": {name: name for name in codes.KINDS},
        }
        for model in apps.get_models():
            if model._meta.app_label in LAYERS:
                for field in model._meta.local_fields:
                    if field.choices:
                        found[f"{model._meta.label}.{field.name}"] = {str(k): str(v) for k, v in field.flatchoices}
    return found


def own(known):
    return [(name, one) for name, one in known.items() if name.split(".")[0] in LAYERS]


def told(label: str, parts: list[str]) -> str:
    return f"{label}: {', '.join(parts)}" if parts else label


def as_toml(sections: dict[str, dict[str, str]]) -> str:
    return "\n".join(
        f'["{section}"]\n' + "".join(f'"{name}" = "{label}"\n' for name, label in sorted(rows.items()))
        for section, rows in sorted(sections.items())
    )


def test_what_is_stored_is_what_the_list_says():
    """rooms, section 2: stored names are stable; the message holds the lines as they would have to stand."""
    listed = tomllib.loads(LISTED.read_text())
    now = declared()
    changed = {name: rows for name, rows in now.items() if listed.get(name) != rows}
    assert listed.keys() - now.keys() == set(), "stored names are gone: carry their rows along"
    assert changed == {}, "stored names or labels differ from stored.toml:\n" + as_toml(changed)


def test_every_kind_says_what_it_is():
    """house, conventions: histories name an event by its title, the desk a message by its own, the reference page by its
    docstring; no two messages are called alike."""
    titles = [str(one.title) for _name, one in own(outbox.KINDS)]
    assert "" not in titles
    assert len(set(titles)) == len(titles)
    assert [name for name, event in own(journal.KINDS) if not str(event.title)] == []
    assert [name for name, one in own(outbox.KINDS) if (one.__doc__ or "").startswith(f"{one.__name__}(")] == []


def test_stored_names_fit_their_column():
    width = 60
    assert max(len(name) for name in (*journal.KINDS, *outbox.KINDS)) <= width
    for model in ("JournalEntry", "OutboxMessage"):
        assert apps.get_model("identity", model)._meta.get_field("kind").max_length == width


@pytest.fixture
def known():
    """A registry of the test's own."""
    return dict[str, type[kinds.Kind]]()


def test_two_classes_never_share_a_stored_name(known):
    """rows could not tell which one they mean."""

    class One(kinds.Kind):
        pass

    class Two(kinds.Kind, stored_as=One.stored_as):
        pass

    kinds.register(known, One)
    with pytest.raises(kinds.NameTaken):
        kinds.register(known, Two)


def test_a_base_is_not_stored_and_a_renamed_class_keeps_its_rows(known):
    class Base(kinds.Kind, abstract=True):
        pass

    class NewName(Base, stored_as="identity.OldName"):
        number: int

    kinds.register(known, Base)
    kinds.register(known, NewName)
    assert known == {"identity.OldName": NewName}
    with pytest.raises(AttributeError, match="cannot assign"):
        NewName(number=1).number = 2
    with pytest.raises(TypeError, match="positional"):
        NewName(1)
