"""The realm beside each term and ticket: staff of a small one read its rows alone."""

from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    account = apps.get_model("identity", "Account").objects.filter(pk=OuterRef("account"))
    realm = Subquery(account.values("realm"))
    apps.get_model("identity", "SearchTerm").objects.update(realm=realm)
    apps.get_model("identity", "Ticket").objects.filter(queue="", account__isnull=False).update(realm=realm)


class Migration(migrations.Migration):
    dependencies = [("identity", "0012_signatures_by_agreement")]

    operations = [
        migrations.AddField(
            model_name="searchterm",
            name="realm",
            field=models.CharField(default="", max_length=40),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="ticket",
            name="realm",
            field=models.CharField(blank=True, default="", max_length=40),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name="searchterm",
            index=models.Index(fields=["realm", "term", "account"], name="account_terms_of_realm"),
        ),
        migrations.RemoveIndex(model_name="ticket", name="ticket_queue"),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(fields=["status", "opened_at", "id"], name="ticket_queue"),
        ),
    ]
