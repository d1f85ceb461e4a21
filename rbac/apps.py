"""The rbac app: what somebody may do, and where."""

from typing import Any

from django.apps import AppConfig
from django.apps import apps as all_apps
from django.db.models.signals import post_migrate


class RbacConfig(AppConfig):
    name = "rbac"
    verbose_name = "Roles and access"

    def ready(self) -> None:
        from rbac import events, handlers, merge_rules, messages, search  # noqa: F401  registered by being imported

        post_migrate.connect(_load_first_grid, sender=self)


def _load_first_grid(apps: Any = all_apps, **_: Any) -> None:
    """After each migration, and after a database was emptied: there is always a grid, once it has tables."""
    from rbac.domain import first_grid

    if "gridversion" in apps.all_models["rbac"]:
        first_grid.load(apps.get_model("rbac", "GridVersion"), apps.get_model("rbac", "GridCell"))
