"""Addresses of access forms and requests."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from accessforms.domain.submissions import REFERENCE_ALPHABET
from accessforms.views import checking, filling, requests, steps


class ReferenceConverter(StringConverter):
    """Eight characters of our alphabet: nothing else reaches the database (M8)."""

    regex = f"[{REFERENCE_ALPHABET}]{{8}}"


register_converter(ReferenceConverter, "reference")

urlpatterns = [
    path("p/<slug:portal_key>/access-form/", filling.fill, name="access_form"),
    path("p/<slug:portal_key>/access-form/begin/", steps.begin, name="form_begin"),
    path("p/<slug:portal_key>/access-form/draft/", filling.keep_draft, name="keep_draft"),
    path("p/<slug:portal_key>/access-form/instructions/", filling.instructions, name="form_instructions"),
    path("requests/<reference:reference>/", requests.show, name="request"),
    path("requests/<reference:reference>/edit/", filling.edit, name="edit_request"),
    path("requests/<reference:reference>/edit/<slug:key>/", steps.step, name="edit_step"),
    path("requests/<reference:reference>/edit/<slug:key>/draft/", steps.keep, name="keep_step"),
    path("requests/<reference:reference>/check/", checking.check, name="check_answers"),
    path("requests/<reference:reference>/progress.json", requests.progress, name="printing_progress"),
    path("requests/<reference:reference>/form.pdf", requests.pdf, name="request_pdf"),
    path("requests/<reference:reference>/withdraw/", requests.withdraw, name="withdraw_request"),
]
