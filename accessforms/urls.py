"""Addresses of access forms and requests."""

from django.urls import path

from accessforms.views import filling, requests

urlpatterns = [
    path("p/<slug:portal_key>/access-form/", filling.fill, name="access_form"),
    path("p/<slug:portal_key>/access-form/draft/", filling.keep_draft, name="keep_draft"),
    path("p/<slug:portal_key>/access-form/instructions/", filling.instructions, name="form_instructions"),
    path("requests/<str:reference>/", requests.show, name="request"),
    path("requests/<str:reference>/edit/", filling.edit, name="edit_request"),
    path("requests/<str:reference>/check/", filling.check, name="check_answers"),
    path("requests/<str:reference>/progress.json", requests.progress, name="printing_progress"),
    path("requests/<str:reference>/form.pdf", requests.pdf, name="request_pdf"),
    path("requests/<str:reference>/withdraw/", requests.withdraw, name="withdraw_request"),
]
