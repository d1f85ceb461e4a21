"""The identity app: who somebody is, and the record of what happened."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class IdentityConfig(AppConfig):
    name = "identity"
    verbose_name = "Identity"

    def ready(self) -> None:
        from identity import checks, tasks  # noqa: F401  registered by import
        from identity.factors import second_factor  # noqa: F401  registered by import
        from identity.files import stored
        from identity.merging import merge_rules  # noqa: F401  registered by import
        from identity.notices import messages  # noqa: F401  registered by import
        from identity.record import outbox, search  # noqa: F401
        from identity.recovery import recovery

        # The adapter writes it, together with the device and the session.
        user_logged_in.disconnect(dispatch_uid="update_last_login")

        # A dead broker fails nobody: the schedule finds the rows.
        outbox.QUEUE.nudge = lambda: tasks.drain_outbox.apply_async(retry=False)
        stored.QUEUE.nudge = lambda: tasks.look_at_files.apply_async(retry=False)
        recovery.nudge = lambda: tasks.answer_recovery_requests.apply_async(retry=False)
