"""The enrollment app: how somebody gets in."""

from django.apps import AppConfig


class EnrollmentConfig(AppConfig):
    name = "enrollment"
    verbose_name = "Enrollment"

    def ready(self) -> None:
        from enrollment import events, merge_rules  # noqa: F401  registered by being imported
