"""identity in the admin site: records to look at, the service desk's tickets and resets, and merges to undo."""

from identity.admin import merges, records, resets, tickets  # noqa: F401  registered by being imported
