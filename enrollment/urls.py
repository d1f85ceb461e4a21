"""Addresses of enrollment."""

from django.urls import path

from enrollment.views import administrator_requests, invitations, portal_chooser, registration, staff

urlpatterns = [
    path("p/<slug:portal_key>/administrators/", administrator_requests.ask, name="administrator_request"),
    path("p/<slug:portal_key>/administrators/code/", administrator_requests.prove, name="administrator_request_code"),
    path("p/<slug:portal_key>/enter/", portal_chooser.enter, name="enter"),
    path("p/<slug:portal_key>/portals/", portal_chooser.choose, name="chooser"),
    path("p/<slug:portal_key>/register/", portal_chooser.register, name="register"),
    path("enroll/administrators/<str:token>/", administrator_requests.show, name="administrator_request_page"),
    path(
        "enroll/administrators/<str:token>/correct/",
        administrator_requests.correct,
        name="administrator_request_correct",
    ),
    path(
        "enroll/administrators/<str:token>/withdraw/",
        administrator_requests.withdraw,
        name="administrator_request_withdraw",
    ),
    path("enroll/invitation/<str:token>/", invitations.invited, name="invitation"),
    path("enroll/invitation/<str:token>/again/", invitations.ask_again, name="invitation_again"),
    path("enroll/invitation/<str:token>/code/", registration.prove, name="invitation_code"),
    path("enroll/invitation/<str:token>/join/", invitations.join, name="invitation_join"),
    path("enroll/invitation/<str:token>/new/", registration.create, name="invitation_new"),
    path("enroll/invitation/<str:token>/switch/", invitations.switch, name="invitation_switch"),
    path("enroll/staff/<str:token>/", staff.enrol, name="staff_enrol"),
]
