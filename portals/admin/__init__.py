"""The portals' part of the admin site: access grants, approver rights, and the sweep over idle access."""

from portals.admin import grants, sweeps  # noqa: F401  registered by being imported
