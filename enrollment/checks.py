"""Start-up check of the rights of staff: one that no app declares would reach nobody, silently."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth import get_permission_codename
from django.core.checks import CheckMessage, Error, register

from enrollment.domain import staff
from portals import registry


@register()
def rights_of_staff_exist(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Every right that a group of staff is given is declared, and every portal is decided for by a group that is."""
    declared = set(_declared())
    problems = [
        f"The group {name} is given the right {right}, which no model declares."
        for name, rights in staff.GROUPS.items()
        for right in rights
        if right not in declared
    ]
    problems += [
        f"Portal {portal.key} is decided for by {portal.staff.group}, which is no group of staff."
        for portal in registry.portals().values()
        if portal.staff.group not in staff.GROUPS
    ]
    return [Error(problem, id="enrollment.E001") for problem in problems]


def _declared() -> Iterator[str]:
    """Every right by app and code name, as Django makes them after a migration."""
    for model in apps.get_models():
        opts = model._meta
        names = [get_permission_codename(action, opts) for action in opts.default_permissions]
        yield from (f"{opts.app_label}.{name}" for name in [*names, *(name for name, _words in opts.permissions)])
