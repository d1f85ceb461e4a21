"""The portals' part of the admin site: grants, approver rights, idle access, old accounts, the change-over to the ID,
outside applications and signing keys."""

from portals.admin import (  # noqa: F401  registered by being imported
    applications,
    deciders,
    grants,
    legacy_imports,
    phases,
    signing_keys,
    sweeps,
    untyings,
    wording,
)
