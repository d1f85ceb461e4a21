"""The portals app: the places."""

from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class PortalsConfig(AppConfig):
    name = "portals"
    verbose_name = "Portals"

    def ready(self) -> None:
        from portals import checks, handlers, merge_rules, search, tasks  # noqa: F401  registered by being imported
        from portals.inside.domain import (  # noqa: F401  sources of what is due
            certificates,
            due_access,
            due_account,
            due_courses,
            due_documents,
            due_news,
        )
        from portals.legacy import legacy_imports

        # A dead broker fails nobody: the schedule finds the list, and the certificate.
        legacy_imports.nudge = lambda: tasks.go_on_with_imports.apply_async(retry=False)
        certificates.QUEUE.nudge = lambda pk: tasks.print_certificate.apply_async(
            kwargs={"certificate_id": pk}, retry=False
        )

        post_migrate.connect(_make_queues, sender=apps.get_app_config("rbac"))


def _make_queues(**_: Any) -> None:
    """After each migration: a queue for every portal whose access staff decide, to give approver rights on."""
    from portals import registry
    from rbac.models import ApprovalQueue

    for portal in registry.with_queue():
        ApprovalQueue.objects.get_or_create(portal_key=portal.key)
