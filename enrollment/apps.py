"""The enrollment app: how somebody gets in."""

from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class EnrollmentConfig(AppConfig):
    name = "enrollment"
    verbose_name = "Enrollment"

    def ready(self) -> None:
        # Registered by being imported.
        from enrollment import administrator_messages, checks, events, handlers, merge_rules, messages  # noqa: F401
        from enrollment.domain import due  # noqa: F401  sources of the first screen

        # identity comes after portals in INSTALLED_APPS, and django.contrib.auth, which makes the rights of each app,
        # before enrollment: by now the rights of both are there.
        post_migrate.connect(_bring_groups_up_to_date, sender=apps.get_app_config("identity"))


def _bring_groups_up_to_date(**_: Any) -> None:
    """After each migration: members of staff may do at once what is new."""
    from enrollment.domain import staff

    staff.bring_groups_up_to_date()
