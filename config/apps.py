"""The config app (commands, assembly) and Django's admin with our site behind the central sign-in."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Healthcare ID"

    def ready(self) -> None:
        from config import checks, deployment_checks  # noqa: F401  registered by being imported


class SiteAdminConfig(AdminConfig):
    default_site = "config.admin_site.StaffSite"

    def ready(self) -> None:
        super().ready()
        from django.contrib import admin

        from config.admin_site import SHOWN

        # What libraries register would be a side door: rows changed without a journal entry.
        for model in [model for model in admin.site._registry if model._meta.label not in SHOWN]:
            admin.site.unregister(model)
