"""The portals' part of the admin site: grants, approver rights, idle access, old accounts, applications, keys."""

from portals.admin import applications, grants, legacy_imports, signing_keys, sweeps  # noqa: F401  registered by import
