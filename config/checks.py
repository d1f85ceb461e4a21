"""Checks of the database: its layout, and portals that no definition knows any more (see `manage.py check --database`;
`migrate` asks them too)."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core import checks
from django.db import DatabaseError, connection

from config import layout
from portals import registry


def unknown_portals() -> dict[str, list[str]]:
    """Every portal key that some table holds and no definition has, with the tables: their rows stand in no list."""
    result: dict[str, list[str]] = {}
    for model in apps.get_models():
        if any(field.name == "portal_key" for field in model._meta.concrete_fields):
            unknown = model._base_manager.exclude(portal_key__in=registry.portals()).exclude(portal_key="")
            for key in unknown.order_by().values_list("portal_key", flat=True).distinct():
                result.setdefault(key, []).append(str(model._meta.verbose_name_plural))
    return result


@checks.register(checks.Tags.database)
def rows_name_known_portals(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: Any
) -> list[checks.CheckMessage]:
    """A warning, not an error: the site goes on without these rows."""
    if not databases or connection.alias not in databases:
        return []
    try:
        unknown = unknown_portals()
    except DatabaseError:  # before the first migration, or one of a release that adds such a column
        return []
    hint = "Bring its definition back, or end what hangs on it. Until then its rows stand in no list."
    said = "No definition knows the portal {}, which stands in: {}."
    return [
        checks.Warning(said.format(key, ", ".join(tables)), hint, id="config.W005") for key, tables in unknown.items()
    ]


@checks.register(checks.Tags.database)
def the_layout_is_of_this_release(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: Any
) -> list[checks.CheckMessage]:
    """An error, so that `migrate` stops before it writes."""
    if (
        not databases
        or connection.alias not in databases
        or not layout.is_older(connection.introspection.table_names())
    ):
        return []
    hint = "Name an empty database, or go on with the release that made this one."
    return [checks.Error(f"This database {layout.SAID}", hint, id="config.E001")]
