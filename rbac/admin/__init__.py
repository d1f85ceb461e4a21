"""rbac's part of the admin site: the pages that name no portal."""

from rbac.admin import grid  # noqa: F401  registered by being imported
