"""The portals' part of the admin site: access grants, approver rights, the sweep over idle access, old accounts."""

from portals.admin import grants, legacy_imports, sweeps  # noqa: F401  registered by being imported
