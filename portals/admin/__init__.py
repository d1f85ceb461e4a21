"""The portals' part of the admin site: access grants, approver rights, the sweep over idle access, old accounts, and
the change-over to the ID: phases, wording, untyings."""

from portals.admin import grants, legacy_imports, phases, sweeps, untyings, wording  # noqa: F401  by being imported
