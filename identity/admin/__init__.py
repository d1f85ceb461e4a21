"""identity in the admin site: records to look at, the service desk's tickets, and merges to undo."""

from identity.admin import merges, records, tickets  # noqa: F401  registered by being imported
