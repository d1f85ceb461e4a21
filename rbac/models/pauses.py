"""When access, or a membership, that was open did not count: the past is answered from these rows (D-29)."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from rbac.models.grants import AccessGrant
from rbac.models.memberships import Membership


class Pause(models.Model):
    """One rest of a grant or of a membership that is over. What rests now says so itself, by `suspended_at`.

    rbac.domain.pauses writes these rows, as rests end.
    """

    grant = models.ForeignKey(AccessGrant, on_delete=models.PROTECT, null=True, related_name="pauses")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, null=True, related_name="pauses")
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        verbose_name = _("pause")
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="pause_of_one_thing",
                condition=Q(grant=None, membership__isnull=False) | Q(grant__isnull=False, membership=None),
            ),
            models.CheckConstraint(name="pause_ends_after_its_start", condition=Q(until__gte=F("since"))),
        ]
