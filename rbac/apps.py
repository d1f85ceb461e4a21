"""The rbac app: what somebody may do, and where."""

from django.apps import AppConfig


class RbacConfig(AppConfig):
    name = "rbac"
    verbose_name = "Roles and access"

    def ready(self) -> None:
        from rbac import events, merge_rules, messages, search  # noqa: F401  registered by being imported
