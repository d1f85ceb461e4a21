"""The accessforms app: a declared form, filled, printed, faxed, decided."""

from django.apps import AppConfig


class AccessformsConfig(AppConfig):
    name = "accessforms"
    verbose_name = "Access forms"

    def ready(self) -> None:
        from accessforms import events, handlers, merge_rules, messages, tasks  # noqa: F401  registered by import
        from accessforms.domain import due, printouts  # noqa: F401  due: a source of the first screen

        # A dead broker fails nobody: the schedule finds the rows.
        printouts.QUEUE.nudge = lambda pk: tasks.print_form.apply_async(kwargs={"printout_id": pk}, retry=False)
