"""The portals app: the places."""

from django.apps import AppConfig


class PortalsConfig(AppConfig):
    name = "portals"
    verbose_name = "Portals"

    def ready(self) -> None:
        from portals import checks  # noqa: F401  registered by being imported
