"""The identity app: who somebody is, and the record of what happened."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "identity"
    verbose_name = "Identity"

    def ready(self) -> None:
        from identity import checks, messages, second_factor  # noqa: F401  registered by being imported
