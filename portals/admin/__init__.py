"""The portals' part of the admin site: access grants, approver rights, the sweep over idle access, and the change-over
to the ID: phases, wording, untyings."""

from portals.admin import grants, phases, sweeps, untyings, wording  # noqa: F401  registered by being imported
