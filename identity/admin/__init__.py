"""identity in the admin site: records to look at, the service desk's tickets and resets, merges to undo, and jobs that
were stopped."""

from identity.admin import mass_acts, merges, records, resets, tickets  # noqa: F401  registered by being imported
