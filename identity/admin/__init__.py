"""identity in the admin site: records to look at, and the service desk's tickets."""

from identity.admin import records, tickets  # noqa: F401  registered by being imported
