"""The config app (commands, assembly) and Django's admin with our site behind the central sign-in."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class ConfigConfig(AppConfig):
    name = "config"
    verbose_name = "Healthcare ID"


class SiteAdminConfig(AdminConfig):
    default_site = "config.admin_site.StaffSite"
