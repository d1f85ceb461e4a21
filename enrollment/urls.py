"""Addresses of enrollment."""

from django.urls import path

from enrollment.views import invitations, portal_chooser, practice, registration, staff

urlpatterns = [
    path("p/<slug:portal_key>/enter/", portal_chooser.enter, name="enter"),
    path("p/<slug:portal_key>/portals/", portal_chooser.choose, name="chooser"),
    path("p/<slug:portal_key>/hand-over/<int:pk>/", practice.sign, name="hand_over"),
    path("p/<slug:portal_key>/practice/<int:practice_id>/hand-over/", practice.hand_over, name="practice_hand_over"),
    path("p/<slug:portal_key>/practice/<int:practice_id>/health/", practice.health, name="practice_health"),
    path("p/<slug:portal_key>/register/", portal_chooser.register, name="register"),
    path("enroll/invitation/<str:token>/", invitations.invited, name="invitation"),
    path("enroll/invitation/<str:token>/again/", invitations.ask_again, name="invitation_again"),
    path("enroll/invitation/<str:token>/code/", registration.prove, name="invitation_code"),
    path("enroll/invitation/<str:token>/join/", invitations.join, name="invitation_join"),
    path("enroll/invitation/<str:token>/new/", registration.create, name="invitation_new"),
    path("enroll/invitation/<str:token>/switch/", invitations.switch, name="invitation_switch"),
    path("enroll/staff/<str:token>/", staff.enrol, name="staff_enrol"),
]
