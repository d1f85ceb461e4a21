"""The service desk's part of the admin site."""

from django.contrib import admin

from accessforms.admin.desk import SubmissionAdmin
from accessforms.models import Submission

admin.site.register(Submission, SubmissionAdmin)
