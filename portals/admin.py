"""The portals' part of the admin site: each room brings its own pages."""

from portals.desk import deciders, grants, reviews, sweeps  # noqa: F401  registered by being imported
from portals.inside.admin import certificates, courses, documents, feedback, news  # noqa: F401
from portals.legacy.admin import legacy_imports, phases, unlinkings, wording  # noqa: F401
from portals.oidc.admin import applications, signing_keys  # noqa: F401
