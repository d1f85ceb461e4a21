"""Addresses of enrollment."""

from django.urls import path

from enrollment.views import arrival, staff

urlpatterns = [
    path("p/<slug:portal_key>/enter/", arrival.enter, name="enter"),
    path("p/<slug:portal_key>/portals/", arrival.choose, name="chooser"),
    path("p/<slug:portal_key>/register/", arrival.register, name="register"),
    path("enroll/staff/<str:token>/", staff.enrol, name="staff_enrol"),
]
