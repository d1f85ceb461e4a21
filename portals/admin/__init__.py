"""The portals' part of the admin site: access grants, approver rights, idle access, outside applications."""

from portals.admin import applications, grants, signing_keys, sweeps  # noqa: F401  registered by being imported
