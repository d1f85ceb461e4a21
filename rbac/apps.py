"""The rbac app: what somebody may do, and where."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RbacConfig(AppConfig):
    name = "rbac"
    verbose_name = "Roles and access"

    def ready(self) -> None:
        from rbac import events, handlers, merge_rules, messages, search  # noqa: F401  registered by being imported

        post_migrate.connect(_load_first_grid, sender=self)


def _load_first_grid(**_: Any) -> None:
    """After each migration, and after a database was emptied: there is always a grid."""
    from rbac.domain import first_grid
    from rbac.models import GridCell, GridVersion

    first_grid.load(GridVersion, GridCell)
