"""Who of the staff may decide the requests of which portal (C29), as object permissions of django-guardian."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from identity.tenancy import tenancy


class ApprovalQueue(models.Model):
    """The requests of one portal that wait for a decision: the object that an approver right is given on. Whoever has
    it sees the people of the portal's realm (D-28)."""

    portal_key = models.CharField(_("portal"), max_length=40, unique=True)

    class Meta:
        verbose_name = _("portal")
        verbose_name_plural = _("who decides")
        permissions = [
            ("decide_requests", "Can decide the requests of this portal"),
            ("see_everybody", "Can see the people of all portals and realms"),
        ]
        default_permissions = ("view", "change")

    def __str__(self) -> str:
        return self.portal_key

    @property
    def realm(self) -> str:
        """As the portal's definition says; empty where no definition knows it any more: such a queue shows nobody."""
        tenant = tenancy().tenant(self.portal_key)
        return tenant.realm if tenant.key == self.portal_key else ""


class ApprovalQueueUserPermission(UserObjectPermissionBase):
    is_staff_right: ClassVar[bool] = True  # counts in identity.accounts.staff_rights

    content_object = models.ForeignKey(ApprovalQueue, on_delete=models.CASCADE)


class ApprovalQueueGroupPermission(GroupObjectPermissionBase):
    is_staff_right: ClassVar[bool] = True

    content_object = models.ForeignKey(ApprovalQueue, on_delete=models.CASCADE)
