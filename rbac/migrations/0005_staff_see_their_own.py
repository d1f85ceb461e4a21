"""The right of operators to see everybody (D-28)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("rbac", "0004_memberships_alone")]

    operations = [
        migrations.AlterModelOptions(
            name="approvalqueue",
            options={
                "default_permissions": ("view", "change"),
                "permissions": [
                    ("decide_requests", "Can decide the requests of this portal"),
                    ("see_everybody", "Can see the people of all portals and realms"),
                ],
                "verbose_name": "portal",
                "verbose_name_plural": "who decides",
            },
        ),
    ]
