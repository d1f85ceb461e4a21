import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("rbac", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Membership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("role", models.CharField(max_length=40, verbose_name="role")),
                ("market", models.CharField(blank=True, max_length=2)),
                ("address_1", models.CharField(blank=True, max_length=128)),
                ("address_2", models.CharField(blank=True, max_length=128)),
                ("city", models.CharField(blank=True, max_length=60)),
                ("state", models.CharField(blank=True, max_length=2)),
                ("zip", models.CharField(blank=True, max_length=10)),
                ("work_phone", models.CharField(blank=True, max_length=30)),
                ("ends_on", models.DateField(blank=True, null=True)),
                ("since", models.DateTimeField(verbose_name="since")),
                ("until", models.DateTimeField(null=True, verbose_name="until")),
                ("ended_with_grant", models.BooleanField(default=False)),
                ("suspended_at", models.DateTimeField(null=True)),
                ("last_used_at", models.DateTimeField(null=True, verbose_name="last used")),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("form", "form"),
                            ("invitation", "invitation"),
                            ("legacy account", "legacy sign-in"),
                            ("staff", "service desk"),
                            ("mandate", "mandate"),
                            ("hand over", "hand-over"),
                            ("merge", "merge"),
                            ("migration", "legacy sign-in"),
                        ],
                        max_length=20,
                    ),
                ),
                ("origin_key", models.CharField(blank=True, max_length=60)),
                ("reason", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "verbose_name": "membership",
                "verbose_name_plural": "memberships",
                "default_permissions": (),
            },
        ),
        migrations.RemoveConstraint(
            model_name="practicetin",
            name="tin_nine_digits",
        ),
        migrations.RemoveConstraint(
            model_name="practicetin",
            name="unique_practice_per_tin",
        ),
        migrations.AddField(
            model_name="practice",
            name="address_1",
            field=models.CharField(blank=True, max_length=128),
        ),
        migrations.AddField(
            model_name="practice",
            name="address_2",
            field=models.CharField(blank=True, max_length=128),
        ),
        migrations.AddField(
            model_name="practice",
            name="city",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddField(
            model_name="practice",
            name="fax",
            field=models.CharField(blank=True, max_length=30),
        ),
        migrations.AddField(
            model_name="practice",
            name="has_more_locations",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="practice",
            name="phone",
            field=models.CharField(blank=True, max_length=30),
        ),
        migrations.AddField(
            model_name="practice",
            name="phone_on_file_since",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="practice",
            name="state",
            field=models.CharField(blank=True, max_length=2),
        ),
        migrations.AddField(
            model_name="practice",
            name="zip",
            field=models.CharField(blank=True, max_length=10),
        ),
        migrations.AddField(
            model_name="practicetin",
            name="attested_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="practicetin",
            name="attested_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="attested_tins",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="practicetin",
            name="key",
            field=models.CharField(default="", editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="practicetin",
            name="origin",
            field=models.CharField(
                choices=[
                    ("form", "form"),
                    ("invitation", "invitation"),
                    ("legacy account", "legacy sign-in"),
                    ("staff", "service desk"),
                    ("mandate", "mandate"),
                    ("hand over", "hand-over"),
                    ("merge", "merge"),
                    ("migration", "legacy sign-in"),
                ],
                default="form",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="practicetin",
            name="origin_key",
            field=models.CharField(blank=True, max_length=60),
        ),
        migrations.AddConstraint(
            model_name="practicetin",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("attested_at", None), ("attested_by", None)),
                    models.Q(("attested_at__isnull", False), ("attested_by__isnull", False)),
                    _connector="OR",
                ),
                name="tin_attested_by_somebody",
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="created_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="opened_memberships",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="ended_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ended_memberships",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="grant",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="memberships", to="rbac.accessgrant"
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="practice",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="memberships", to="rbac.practice"
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="tins",
            field=models.ManyToManyField(
                blank=True, related_name="memberships", to="rbac.practicetin", verbose_name="tax IDs"
            ),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(fields=["practice", "until", "role"], name="membership_of_practice"),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(fields=["grant", "until"], name="membership_of_grant"),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until", None)), fields=("grant", "practice"), name="unique_open_membership_per_practice"
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(("until", None), ("until__gte", models.F("since")), _connector="OR"),
                name="membership_ends_after_its_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(("until", None), ("suspended_at", None), _connector="OR"),
                name="ended_membership_not_suspended",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("until__isnull", False), models.Q(("ended_by", None), ("ended_with_grant", False)), _connector="OR"
                ),
                name="open_membership_ended_with_nothing",
            ),
        ),
        migrations.AlterField(model_name="practicetin", name="digits", field=models.TextField()),
    ]
