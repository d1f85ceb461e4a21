import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import identity.keys.fields
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="ClockMark",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="DailySpend",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(unique=True)),
                ("cents", models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="RecoveryRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=[("id", "forgot ID"), ("password", "forgot password")], max_length=10),
                ),
                ("realm", models.CharField(max_length=20)),
                ("tenant", models.CharField(blank=True, max_length=40)),
                ("login_name", identity.keys.fields.EncryptedTextField(blank=True)),
                ("address", identity.keys.fields.EncryptedTextField()),
                ("asked_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "realm",
                    models.CharField(
                        choices=[("ohid", "ohid"), ("provider-online", "provider-online")],
                        default="ohid",
                        max_length=20,
                        verbose_name="realm",
                    ),
                ),
                ("login_name", models.CharField(max_length=64, verbose_name="One Healthcare ID")),
                ("login_key", models.CharField(editable=False, max_length=160, unique=True)),
                ("first_name", models.CharField(max_length=128, verbose_name="first name")),
                ("last_name", models.CharField(max_length=128, verbose_name="last name")),
                ("year_of_birth", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="primary e-mail address")),
                ("language", models.CharField(default="en", max_length=8, verbose_name="language")),
                (
                    "theme",
                    models.CharField(
                        choices=[("auto", "as the device"), ("light", "light"), ("dark", "dark")],
                        default="auto",
                        max_length=5,
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="active")),
                ("is_staff", models.BooleanField(default=False, verbose_name="member of staff")),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now, verbose_name="created")),
                ("password_changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("password_reminder", models.PositiveSmallIntegerField(default=0)),
                ("session_epoch", models.PositiveIntegerField(default=0)),
                ("secured_at", models.DateTimeField(blank=True, null=True)),
                ("factors_taken_back", models.BooleanField(default=False)),
                ("terms_version", models.PositiveSmallIntegerField(default=0)),
                ("profile_version", models.PositiveIntegerField(default=0)),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="absorbed_accounts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="merged into",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="accounts", to="identity.person"
                    ),
                ),
            ],
            options={
                "verbose_name": "account",
                "verbose_name_plural": "accounts",
                "permissions": [
                    ("close_account", "Can close and reopen accounts"),
                    ("view_standards", "Can read how the live policy differs from the standards"),
                ],
            },
        ),
        migrations.CreateModel(
            name="OutboxMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("created_at", models.DateTimeField(verbose_name="written")),
                ("due_at", models.DateTimeField(verbose_name="next attempt")),
                ("done_at", models.DateTimeField(null=True, verbose_name="sent at")),
                ("problem", models.CharField(blank=True, max_length=80, verbose_name="problem")),
                ("kind", models.CharField(max_length=60, verbose_name="kind of message")),
                ("ids", models.JSONField(verbose_name="what it is about")),
                ("dedupe_key", models.CharField(max_length=120, unique=True, verbose_name="key")),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "waiting"), ("sent", "sent"), ("given up", "given up")],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("is_bulk", models.BooleanField(default=False, verbose_name="one of many")),
            ],
            options={
                "verbose_name": "message to a person",
                "verbose_name_plural": "messages to people",
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "waiting")), fields=["is_bulk", "due_at"], name="outbox_waiting"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PhoneDevice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="The human-readable name of this device.", max_length=64)),
                ("confirmed", models.BooleanField(default=True, help_text="Is this device ready for use?")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                ("wrong_in_row", models.PositiveSmallIntegerField(default=0)),
                ("wrong_today", models.PositiveSmallIntegerField(default=0)),
                ("wrong_since", models.DateTimeField(blank=True, null=True)),
                ("number", identity.keys.fields.EncryptedTextField()),
                ("number_key", models.CharField(db_index=True, editable=False, max_length=64)),
                (
                    "method",
                    models.CharField(
                        choices=[
                            ("text", "text message"),
                            ("call", "call that asks for the code on the screen"),
                            ("spoken", "call that says the code"),
                        ],
                        default="text",
                        max_length=6,
                    ),
                ),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        help_text="The user that this device belongs to.",
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "phone",
            },
        ),
        migrations.CreateModel(
            name="QuestionTries",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("count", models.PositiveSmallIntegerField(default=0)),
                ("since", models.DateTimeField()),
                (
                    "account",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="question_tries",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RecoveryDevice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="The human-readable name of this device.", max_length=64)),
                ("confirmed", models.BooleanField(default=True, help_text="Is this device ready for use?")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                ("wrong_in_row", models.PositiveSmallIntegerField(default=0)),
                ("wrong_today", models.PositiveSmallIntegerField(default=0)),
                ("wrong_since", models.DateTimeField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        help_text="The user that this device belongs to.",
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "recovery codes",
            },
        ),
        migrations.CreateModel(
            name="RecoveryCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64)),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="codes", to="identity.recoverydevice"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RememberedDevice",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("generation", models.PositiveIntegerField(default=0)),
                ("browser", models.CharField(max_length=80)),
                ("place", models.CharField(max_length=60)),
                ("first_seen_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                ("skips_until", models.DateTimeField(null=True)),
                ("proved_by", models.CharField(blank=True, max_length=20)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="devices", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "remembered device",
            },
        ),
        migrations.CreateModel(
            name="OpenSession",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("session_key", models.CharField(max_length=40, unique=True)),
                ("browser", models.CharField(max_length=80)),
                ("place", models.CharField(max_length=60)),
                ("signed_in_at", models.DateTimeField()),
                ("last_seen_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="open_sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "device",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, to="identity.remembereddevice"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SavedPost",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("path", models.CharField(max_length=300)),
                ("body", identity.keys.fields.EncryptedTextField()),
                ("saved_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_posts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SearchTerm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("term", models.BinaryField(max_length=200)),
                (
                    "account",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SecurityAlert",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("new device", "new device"),
                            ("method added", "method added"),
                            ("method removed", "method removed"),
                            ("method disabled", "method disabled"),
                            ("device copied", "device copied"),
                            ("password changed", "password changed"),
                            ("methods reset", "methods reset"),
                            ("phone changed", "phone changed"),
                            ("address added", "address added"),
                            ("address removed", "address removed"),
                            ("primary changed", "primary changed"),
                            ("login name changed", "login name changed"),
                            ("questions changed", "questions changed"),
                            ("secured", "secured"),
                            ("merged", "merged"),
                            ("merge undone", "merge undone"),
                        ],
                        max_length=20,
                    ),
                ),
                ("what", models.CharField(blank=True, max_length=100)),
                ("place", models.CharField(blank=True, max_length=60)),
                ("old_number", identity.keys.fields.EncryptedTextField(blank=True, default="")),
                ("address", identity.keys.fields.EncryptedTextField(blank=True, default="")),
                ("told", identity.keys.fields.EncryptedTextField(blank=True, default="")),
                ("at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="alerts", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SecurityAnswer",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("question", models.CharField(max_length=20)),
                ("answer", models.CharField(max_length=128)),
                ("chosen_at", models.DateTimeField()),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="security_answers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Signature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("agreement", models.CharField(max_length=40, verbose_name="agreement")),
                ("version", models.PositiveSmallIntegerField(verbose_name="version")),
                ("mode", models.CharField(max_length=10, verbose_name="how")),
                ("name", models.CharField(max_length=260, verbose_name="name")),
                ("login_name", models.CharField(max_length=64, verbose_name="ID")),
                ("typed_name", models.CharField(blank=True, max_length=260, verbose_name="typed name")),
                ("language", models.CharField(max_length=8, verbose_name="language")),
                ("at", models.DateTimeField(verbose_name="signed")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signatures",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "verbose_name": "signature",
                "verbose_name_plural": "signatures",
            },
        ),
        migrations.CreateModel(
            name="Ticket",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(editable=False, max_length=11, unique=True, verbose_name="number")),
                (
                    "topic",
                    models.CharField(
                        choices=[
                            ("sign in", "Signing in"),
                            ("merge", "Two IDs"),
                            ("access", "Access to a portal"),
                            ("other", "Something else"),
                        ],
                        max_length=10,
                        verbose_name="topic",
                    ),
                ),
                ("text", identity.keys.fields.EncryptedTextField()),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "Open"), ("in progress", "In progress"), ("closed", "Answered")],
                        default="open",
                        max_length=12,
                        verbose_name="status",
                    ),
                ),
                ("opened_at", models.DateTimeField(verbose_name="opened")),
                ("status_since", models.DateTimeField(verbose_name="status since")),
                ("answer", identity.keys.fields.EncryptedTextField(blank=True, default="")),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
                (
                    "handled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="handled_tickets",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="handled by",
                    ),
                ),
            ],
            options={
                "verbose_name": "ticket",
                "verbose_name_plural": "tickets",
                "permissions": [("handle_ticket", "Can take and answer tickets")],
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="AuthenticatorDevice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(help_text="The human-readable name of this device.", max_length=64)),
                ("confirmed", models.BooleanField(default=True, help_text="Is this device ready for use?")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_used_at", models.DateTimeField(blank=True, null=True)),
                ("wrong_in_row", models.PositiveSmallIntegerField(default=0)),
                ("wrong_today", models.PositiveSmallIntegerField(default=0)),
                ("wrong_since", models.DateTimeField(blank=True, null=True)),
                ("secret", identity.keys.fields.EncryptedTextField()),
                ("last_step", models.BigIntegerField(default=0)),
                (
                    "user",
                    models.ForeignKey(
                        help_text="The user that this device belongs to.",
                        on_delete=django.db.models.deletion.CASCADE,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "authenticator",
                "constraints": [models.UniqueConstraint(fields=("user",), name="unique_authenticator_per_account")],
            },
        ),
        migrations.CreateModel(
            name="Challenge",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("purpose", models.CharField(max_length=20)),
                ("target_key", models.CharField(max_length=64)),
                ("channel", models.CharField(max_length=10)),
                ("number", models.PositiveBigIntegerField(default=0)),
                ("sent_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("used_at", models.DateTimeField(null=True)),
                ("redeemed_at", models.DateTimeField(null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="challenges",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["account", "purpose", "-number"], name="challenge_newest"),
                    models.Index(fields=["target_key", "-number"], name="challenge_of_target"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("tries__lte", 5)), name="challenge_five_tries")
                ],
            },
        ),
        migrations.CreateModel(
            name="FactorReset",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("started", "started"),
                            ("confirmed", "confirmed, waiting"),
                            ("done", "done"),
                            ("stopped", "stopped by the person"),
                            ("cancelled", "cancelled"),
                        ],
                        default="started",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("reason", models.CharField(max_length=400)),
                ("called", models.CharField(max_length=80)),
                ("started_at", models.DateTimeField(verbose_name="started")),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="confirmed at")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="factor_resets",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resets_confirmed",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="confirmed by",
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="resets_started",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="started by",
                    ),
                ),
            ],
            options={
                "verbose_name": "reset of sign-in methods",
                "verbose_name_plural": "resets of sign-in methods",
                "permissions": [("reset_factors", "Can start and confirm resets of sign-in methods")],
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["started", "confirmed"])),
                        fields=("account",),
                        name="unique_open_reset_per_account",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by", None),
                            models.Q(("confirmed_by", models.F("started_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="reset_by_two_agents",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="JournalEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_index=True, verbose_name="when")),
                ("kind", models.CharField(max_length=60, verbose_name="what")),
                ("object_kind", models.CharField(blank=True, max_length=60, verbose_name="kind of object")),
                ("object_id", models.CharField(blank=True, max_length=40, verbose_name="object")),
                ("facts", models.JSONField(default=dict, verbose_name="facts")),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="journal_entries",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="journal_acts",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
            ],
            options={
                "verbose_name": "journal entry",
                "verbose_name_plural": "journal entries",
                "indexes": [
                    models.Index(fields=["object_kind", "object_id", "at"], name="journal_object"),
                    models.Index(fields=["account", "-at"], name="journal_account"),
                ],
            },
        ),
        migrations.CreateModel(
            name="MassAct",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=60, verbose_name="job")),
                ("as_of", models.DateTimeField(verbose_name="planned at")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("frozen", "stopped: two people have to release it"),
                            ("half released", "released by one: a second person is needed"),
                            ("released", "released: done at the job's next run"),
                            ("done", "done"),
                            ("discarded", "discarded"),
                        ],
                        default="frozen",
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                ("state_since", models.DateTimeField(verbose_name="since")),
                ("counted", models.PositiveIntegerField(verbose_name="rows it would touch")),
                ("active", models.PositiveIntegerField(verbose_name="rows there are")),
                ("allowed", models.PositiveIntegerField(verbose_name="rows it may touch by itself")),
                (
                    "first_released_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mass_acts_half_released",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="first released by",
                    ),
                ),
                (
                    "released_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mass_acts_released",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="released by",
                    ),
                ),
            ],
            options={
                "verbose_name": "stopped job",
                "verbose_name_plural": "stopped jobs",
                "permissions": [("release_mass_acts", "Can release jobs that were stopped")],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["frozen", "half released", "released"])),
                        fields=("kind",),
                        name="unique_open_mass_act_per_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("released_by", None),
                            models.Q(
                                ("first_released_by__isnull", False),
                                models.Q(("released_by", models.F("first_released_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="mass_act_released_by_two",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Merge",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField(verbose_name="merged at")),
                ("changes", models.JSONField()),
                ("undone_at", models.DateTimeField(null=True, verbose_name="separated again")),
                (
                    "absorbed",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="absorptions",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ended",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "survivor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merges",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="kept",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="separated by",
                    ),
                ),
            ],
            options={
                "verbose_name": "merge of two IDs",
                "verbose_name_plural": "merges of two IDs",
                "permissions": [("undo_merge", "Can see and undo merges of two IDs")],
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at", None)), fields=("absorbed",), name="unique_merge_per_absorbed"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("survivor", models.F("absorbed")), _negated=True), name="merge_of_two"
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(fields=["realm", "password_changed_at"], name="account_password_age"),
        ),
        migrations.AddIndex(
            model_name="account",
            index=models.Index(
                django.db.models.functions.text.Upper("last_name"),
                models.F("year_of_birth"),
                name="account_possible_duplicates",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("merged_into", None), ("is_active", False), _connector="OR"),
                name="account_merged_is_inactive",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("login_key__startswith", django.db.models.functions.text.Concat("realm", models.Value(":")))
                ),
                name="account_login_key_in_realm",
            ),
        ),
        migrations.AddConstraint(
            model_name="account",
            constraint=models.CheckConstraint(
                condition=models.Q(("password__startswith", "argon2"), ("password__startswith", "!"), _connector="OR"),
                name="account_password_is_argon2id_or_unusable",
            ),
        ),
        migrations.AddConstraint(
            model_name="phonedevice",
            constraint=models.UniqueConstraint(
                fields=("user", "confirmed"), name="unique_phone_per_account_and_confirmed"
            ),
        ),
        migrations.AddConstraint(
            model_name="recoverydevice",
            constraint=models.UniqueConstraint(fields=("user",), name="unique_recovery_set_per_account"),
        ),
        migrations.AddConstraint(
            model_name="recoverycode",
            constraint=models.UniqueConstraint(fields=("device", "digest"), name="unique_code_per_recovery_set"),
        ),
        migrations.AddIndex(
            model_name="remembereddevice",
            index=models.Index(fields=["account", "-last_seen_at"], name="device_of_account"),
        ),
        migrations.AddIndex(
            model_name="opensession",
            index=models.Index(fields=["account", "-last_seen_at"], name="session_of_account"),
        ),
        migrations.AddIndex(
            model_name="savedpost",
            index=models.Index(fields=["account", "-saved_at"], name="saved_post_of_account"),
        ),
        migrations.AddIndex(
            model_name="searchterm",
            index=models.Index(fields=["term", "account"], name="account_terms"),
        ),
        migrations.AddConstraint(
            model_name="searchterm",
            constraint=models.UniqueConstraint(fields=("account", "term"), name="unique_term_per_account"),
        ),
        migrations.AddConstraint(
            model_name="securityanswer",
            constraint=models.UniqueConstraint(fields=("account", "question"), name="unique_answer_per_question"),
        ),
        migrations.AddConstraint(
            model_name="signature",
            constraint=models.UniqueConstraint(
                fields=("account", "agreement", "version"), name="unique_signature_per_version"
            ),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(fields=["status", "opened_at"], name="ticket_queue"),
        ),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(fields=["account", "-opened_at"], name="ticket_of_account"),
        ),
    ]
