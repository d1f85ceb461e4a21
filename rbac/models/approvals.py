"""Who of the staff may decide the requests of which portal (C29), as object permissions of django-guardian."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase


class ApprovalQueue(models.Model):
    """The requests of one portal that wait for a decision: the object that an approver right is given on."""

    portal_key = models.CharField(_("portal"), max_length=40, unique=True)

    class Meta:
        verbose_name = _("portal")
        verbose_name_plural = _("who decides")
        permissions = [("decide_requests", "Can decide the requests of this portal")]
        default_permissions = ("view", "change")

    def __str__(self) -> str:
        return self.portal_key


class ApprovalQueueUserPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(ApprovalQueue, on_delete=models.CASCADE)


class ApprovalQueueGroupPermission(GroupObjectPermissionBase):
    content_object = models.ForeignKey(ApprovalQueue, on_delete=models.CASCADE)
