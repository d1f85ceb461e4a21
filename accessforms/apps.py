"""The accessforms app: a declared form, filled, printed, faxed, decided."""

from django.apps import AppConfig


class AccessformsConfig(AppConfig):
    name = "accessforms"
    verbose_name = "Access forms"

    def ready(self) -> None:
        from accessforms import events, handlers, merge_rules, messages  # noqa: F401  registered by being imported
