"""Addresses of enrollment."""

from django.urls import path

from enrollment.views import portal_chooser, staff

urlpatterns = [
    path("p/<slug:portal_key>/enter/", portal_chooser.enter, name="enter"),
    path("p/<slug:portal_key>/portals/", portal_chooser.choose, name="chooser"),
    path("p/<slug:portal_key>/register/", portal_chooser.register, name="register"),
    path("enroll/staff/<str:token>/", staff.enrol, name="staff_enrol"),
]
