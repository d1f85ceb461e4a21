"""Reference pages of what is declared: events, messages, capabilities and portals."""

from collections.abc import Iterable
from dataclasses import fields
from inspect import getdoc
from itertools import chain

from identity.record import journal, outbox
from portals import registry
from portals.spec import PortalSpec
from rbac.capabilities import Capability


def pages() -> dict[str, str]:
    """File name and text of every page, in the language that is on."""
    return {
        "events.md": events_page(),
        "messages.md": messages_page(),
        "capabilities.md": capabilities_page(),
        "portals.md": portals_page(),
    }


def events_page() -> str:
    """Every kind of entry of the journal."""
    rows = [(kind, str(event.title), _names(journal.fact_names(event))) for kind, event in _sorted(journal.KINDS)]
    head = "# Events\n\nWhat the journal records, with whom it concerns, who did it and to what; and its own facts.\n\n"
    return head + _table(("stored as", "histories call it", "facts"), rows)


def messages_page() -> str:
    """Every kind of row of the outbox."""
    rows = [
        (kind, message.channel.value, _flags(message), _first(message), _ids(message))
        for kind, message in _sorted(outbox.KINDS)
    ]
    head = "# Messages\n\nWhat the outbox delivers. Rows hold ids; text, link and code are made as it leaves.\n\n"
    return head + _table(("stored as", "channel", "goes", "says", "a row holds"), rows)


def capabilities_page() -> str:
    """Every right that a grant carries, and what it opens."""
    rows = [(f"`{one.value}`", str(one.label), "; ".join(_opened(one))) for one in Capability]
    head = "# Capabilities\n\nRights that a grant carries one by one, and what asks for them.\n\n"
    return head + _table(("key", "label", "opens"), rows)


def portals_page() -> str:
    """Every portal, as its definition declares it."""
    rows = [_portal(one) for one in registry.portals().values()]
    head = "# Portals\n\nOne file each in `portals/definitions/`; periods are rows of [the table](lifecycle.md).\n\n"
    columns = (
        "key",
        "name",
        "realm",
        "reached from",
        "access by (and who decides)",
        "form",
        "factors",
        "remembers devices",
    )
    return head + _table((*columns, "rests after", "old accounts"), rows)


def _portal(portal: PortalSpec) -> tuple[str, ...]:
    return (
        f"`{portal.key}`",
        str(portal.name),
        portal.realm,
        f"`{portal.part_of}`" if portal.part_of else "",
        ", ".join(f"{route.name} ({portal.approver_by(route)})" for route in portal.approval_routes),
        str(portal.access_form.title) if portal.access_form else "",
        ", ".join(sorted(portal.factors)),
        "yes" if portal.remembers_devices else "no",
        portal.idle_account,
        f"{portal.legacy.name} ({portal.legacy.adapter})" if portal.legacy else "",
    )


def _opened(capability: Capability) -> Iterable[str]:
    for portal in registry.portals().values():
        yield from (f"{portal.name}: {tile.name}" for tile in portal.tiles if tile.capability == capability)
        opens = portal.legacy.opens if portal.legacy else ()
        yield from (
            f"{registry.name_of(key)}, for an old account of {portal.name}" for own, key in opens if own == capability
        )


def _sorted[K](kinds: dict[str, K]) -> list[tuple[str, K]]:
    """What this product declares; tests declare kinds of their own."""
    return sorted((name, kind) for name, kind in kinds.items() if not name.startswith("tests."))


def _flags(message: type[outbox.AnyMessage]) -> str:
    """How it goes: after whatever else is due; whatever its reader complained of."""
    flags = (
        ("one of many", message.is_bulk),
        ("despite a complaint", message.is_security),
        ("unless its reader turned it off", message.optional),
    )
    return ", ".join(flag for flag, holds in flags if holds)


def _first(message: type[outbox.AnyMessage]) -> str:
    """The first sentence of its docstring."""
    return " ".join((getdoc(message) or "").split("\n\n")[0].split())


def _ids(message: type[outbox.AnyMessage]) -> str:
    return _names(field.name for field in fields(message))


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    ruled = chain([columns, ("---",) * len(columns)], rows)
    return "".join("| " + " | ".join(row) + " |\n" for row in ruled)
