"""Addresses of enrollment."""

from django.urls import path

from enrollment.views import (
    administrator_requests,
    invitations,
    pending_users,
    people,
    people_lists,
    portal_chooser,
    practice,
    practice_inquiries,
    practice_people,
    registration,
    reviews,
    staff,
)

_PRACTICE = "p/<slug:portal_key>/security/<int:practice_id>/"

urlpatterns = [
    path("p/<slug:portal_key>/administrators/", administrator_requests.ask, name="administrator_request"),
    path("p/<slug:portal_key>/administrators/code/", administrator_requests.prove, name="administrator_request_code"),
    path("p/<slug:portal_key>/enter/", portal_chooser.enter, name="enter"),
    path("p/<slug:portal_key>/portals/", portal_chooser.choose, name="chooser"),
    path("p/<slug:portal_key>/hand-over/<int:pk>/", practice.sign, name="hand_over"),
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
    path("p/<slug:portal_key>/ask-my-practice/", practice_inquiries.ask_my_practice, name="ask_my_practice"),
    path("p/<slug:portal_key>/ask-my-practice/sent/", practice_inquiries.asked, name="asked_my_practice"),
    path("p/<slug:portal_key>/security/", people.security_management, name="security_management"),
    path(f"{_PRACTICE}", people.overview, name="people"),
    path(f"{_PRACTICE}new/", people.create, name="people_new"),
    path(f"{_PRACTICE}list/", people_lists.invite_list, name="people_list"),
    path(f"{_PRACTICE}users.csv", people_lists.export, name="people_export"),
    path(f"{_PRACTICE}hand-over/", practice.hand_over, name="practice_hand_over"),
    path(f"{_PRACTICE}health/", practice.health, name="practice_health"),
    path(f"{_PRACTICE}history/", practice_people.history, name="people_history"),
    path(f"{_PRACTICE}pending/", pending_users.pending, name="people_pending"),
    path(f"{_PRACTICE}pending/<uuid:invitation_id>/resend/", pending_users.resend, name="people_resend"),
    path(f"{_PRACTICE}pending/<uuid:invitation_id>/cancel/", pending_users.cancel, name="people_cancel"),
    path(f"{_PRACTICE}pending/<uuid:invitation_id>/correct/", pending_users.correct, name="people_correct"),
    path(f"{_PRACTICE}review/", reviews.review, name="people_review"),
    path(f"{_PRACTICE}<int:pk>/", people.person, name="person"),
    path(f"{_PRACTICE}<int:pk>/deactivate/", people.deactivate, name="person_deactivate"),
    path(f"{_PRACTICE}<int:pk>/reactivate/", people.reactivate, name="person_reactivate"),
    path(f"{_PRACTICE}<int:pk>/remove/", people.remove, name="person_remove"),
    path("p/<slug:portal_key>/who-controls-my-access/", practice_people.who_controls, name="who_controls"),
    path("enroll/invitation/<str:token>/", invitations.invited, name="invitation"),
    path("enroll/invitation/<str:token>/again/", invitations.ask_again, name="invitation_again"),
    path("enroll/invitation/<str:token>/code/", registration.prove, name="invitation_code"),
    path("enroll/invitation/<str:token>/join/", invitations.join, name="invitation_join"),
    path("enroll/invitation/<str:token>/new/", registration.create, name="invitation_new"),
    path("enroll/invitation/<str:token>/switch/", invitations.switch, name="invitation_switch"),
    path("enroll/staff/<str:token>/", staff.enrol, name="staff_enrol"),
]
