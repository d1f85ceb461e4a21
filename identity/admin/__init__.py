"""identity in the admin site: records to look at, the service desk's tickets and resets, merges to undo, and jobs that
were stopped."""

from identity.admin import factor_resets, mass_acts, merges, records, tickets  # noqa: F401  registered by being imported
