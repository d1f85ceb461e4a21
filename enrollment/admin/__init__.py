"""Enrollment's part of the admin site."""

from django.contrib import admin

from enrollment.admin.administrator_requests import AdministratorRequestAdmin
from enrollment.admin.clinicians import ClinicianAdmin
from enrollment.admin.hand_overs import HandOverAdmin
from enrollment.admin.mandates import MandateAdmin
from enrollment.admin.portal_invitations import PortalInvitationAdmin
from enrollment.models import AdministratorRequest, Clinician, Invitation
from rbac.models import HandOver, Mandate

admin.site.register(AdministratorRequest, AdministratorRequestAdmin)
admin.site.register(Clinician, ClinicianAdmin)
admin.site.register(HandOver, HandOverAdmin)
admin.site.register(Invitation, PortalInvitationAdmin)
admin.site.register(Mandate, MandateAdmin)
