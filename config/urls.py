"""Every address of the product."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("id/", include("identity.urls")),
    path("admin/", admin.site.urls),
    path("", include("config.well_known")),
    path("", include("accessforms.urls")),
    path("", include("enrollment.urls")),
    path("", include("portals.urls")),
]
if settings.DEMO:
    from config.demo import inbox

    urlpatterns += [
        path("inbox.json", inbox.as_json, name="inbox_json"),
        path("inbox/keypad/<str:message_id>/", inbox.keypad, name="inbox_keypad"),
        path("inbox/", include("django_mail_preview.urls")),
    ]

handler400 = "config.views.bad_request"
handler403 = "config.views.forbidden"
handler404 = "config.views.not_found"
handler500 = "config.views.failed"
