"""Enrollment's part of the admin site."""

from django.contrib import admin

from enrollment.admin.administrator_requests import AdministratorRequestAdmin
from enrollment.models import AdministratorRequest

admin.site.register(AdministratorRequest, AdministratorRequestAdmin)
