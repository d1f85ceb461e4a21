"""A transactional test on PostgreSQL begins on what Django's flush leaves, though rows are deleted instead."""

import pytest
from django.contrib.auth.models import Permission
from django.core.management import call_command
from django.db import connection

from identity.models import Account
from tests import emptied
from tests.factories import SubmissionFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is flushed as Django does it"),
]


def held() -> dict[str, object]:
    """How many rows each table has; rights by name, for Django's flush gives new keys."""
    with connection.cursor() as cursor:
        tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
        found: dict[str, object] = {}
        for table in tables:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            found[table] = cursor.fetchone()[0]
    rights = Permission.objects.values_list("content_type__app_label", "content_type__model", "codename")
    return {**found, "rights": set(rights)}


def test_deleting_leaves_what_djangos_flush_leaves():
    SubmissionFactory(submitted=True)
    call_command("flush", verbosity=0, interactive=False, reset_sequences=False)
    flushed = held()
    if not emptied.is_kept():  # this is the first transactional test of the worker
        emptied.keep()
    SubmissionFactory(submitted=True)
    Permission.objects.all().delete()
    assert held() != flushed
    emptied.delete()
    assert held() == flushed
    assert Permission.objects.exists()
    assert not Account.objects.exists()
