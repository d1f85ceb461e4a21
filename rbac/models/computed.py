"""A column that the database computes."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage
from django.db import models


class ComputedField(models.GeneratedField):
    """Django's, without the question to the server whether it can: `manage.py check` runs where there is none.

    PostgreSQL from 12 on and SQLite from 3.31 on can. Migrations name Django's own class. Tried with Django's alone:
    with the server away the check raises OperationalError (decision 0037).
    """

    def _check_supported(self, databases: Sequence[str] | None) -> list[CheckMessage]:
        return []

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.GeneratedField", args, kwargs
