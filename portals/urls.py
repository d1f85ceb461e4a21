"""Addresses of the portals."""

from django.urls import path

from portals.views import first_sign_in, links, old_log_in, places, way_back

urlpatterns = [
    path("", places.front, name="front"),
    path("p/<slug:portal_key>/", places.landing, name="landing"),
    path("p/<slug:portal_key>/sign-me-up/", places.sign_me_up, name="sign_me_up"),
    path("p/<slug:portal_key>/existing-user/", places.existing_user, name="existing_user"),
    path("p/<slug:portal_key>/old-log-in/", old_log_in.log_in, name="old_log_in"),
    path("p/<slug:portal_key>/old-account/", old_log_in.old_account, name="old_account"),
    path("p/<slug:portal_key>/old-account/forgot/", links.forgot, name="forgot_old_password"),
    path("p/<slug:portal_key>/old-account/mail/<str:token>/", links.by_mail, name="link_by_mail"),
    path("p/<slug:portal_key>/link/", links.link, name="link"),
    path("p/<slug:portal_key>/last-log-in/", links.last_log_in, name="last_log_in"),
    path("p/<slug:portal_key>/first-sign-in/", first_sign_in.first_sign_in, name="first_sign_in"),
    path("p/<slug:portal_key>/other-account/", places.other_realm, name="other_realm"),
    path("p/<slug:portal_key>/home/", places.home, name="portal_home"),
    path("p/<slug:portal_key>/way-back/", way_back.overview, name="way_back"),
    path("p/<slug:portal_key>/way-back/code/", way_back.code, name="way_back_code"),
    path("p/<slug:portal_key>/help/", places.help_and_faqs, name="portal_help"),
    path("p/<slug:portal_key>/contact/", places.contact_us, name="portal_contact"),
    path("p/<slug:portal_key>/theme.css", places.theme, name="theme"),
]
