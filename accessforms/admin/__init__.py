"""The service desk's part of the admin site."""

from django.contrib import admin

from accessforms.admin.desk import SubmissionAdmin
from accessforms.admin.offered import OfferedAnswerAdmin
from accessforms.models import OfferedAnswer, Submission

admin.site.register(Submission, SubmissionAdmin)
admin.site.register(OfferedAnswer, OfferedAnswerAdmin)
