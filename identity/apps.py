"""The identity app: who somebody is, and the record of what happened."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class IdentityConfig(AppConfig):
    name = "identity"
    verbose_name = "Identity"

    def ready(self) -> None:
        from identity import checks, merge_rules, messages, second_factor  # noqa: F401  registered by being imported
        from identity.domain import search  # noqa: F401

        # The adapter writes it, together with the device and the session.
        user_logged_in.disconnect(dispatch_uid="update_last_login")
