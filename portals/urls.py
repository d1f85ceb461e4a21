"""Addresses of the portals."""

from django.contrib import admin
from django.urls import path

from portals.entry.views import duties, my_access, places, way_back, why
from portals.inside.views import chat, contact, feedback
from portals.legacy.views import links, old_log_in
from portals.oidc.admin import trials
from portals.oidc.views import authorize, connected, endpoints, headers, logout

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
    path("p/<slug:portal_key>/other-account/", places.other_realm, name="other_realm"),
    path("p/<slug:portal_key>/home/", places.home, name="portal_home"),
    path("p/<slug:portal_key>/duties/", duties.duties, name="portal_duties"),
    path("p/<slug:portal_key>/guide/", places.guide, name="portal_guide"),
    path("p/<slug:portal_key>/tools/", why.tools, name="portal_tools"),
    path("p/<slug:portal_key>/tools/<slug:capability>/", why.why, name="portal_why"),
    path("p/<slug:portal_key>/way-back/", way_back.overview, name="way_back"),
    path("p/<slug:portal_key>/way-back/code/", way_back.code, name="way_back_code"),
    path("p/<slug:portal_key>/help/", places.help_and_faqs, name="portal_help"),
    path("p/<slug:portal_key>/about/<slug:key>/", places.public_page, name="portal_page"),
    path("p/<slug:portal_key>/contact/", contact.contact_us, name="portal_contact"),
    path("p/<slug:portal_key>/contact/sent/", contact.contact_sent, name="portal_contact_sent"),
    path("p/<slug:portal_key>/feedback/", feedback.give, name="portal_feedback"),
    path("p/<slug:portal_key>/chat/", chat.show, name="portal_chat"),
    path("p/<slug:portal_key>/messages/", contact.own_messages, name="portal_messages"),
    path("p/<slug:portal_key>/messages/<str:number>/", contact.conversation, name="portal_message"),
    path(
        "p/<slug:portal_key>/messages/<str:number>/files/<uuid:pk>/", contact.message_file, name="portal_message_file"
    ),
    path("p/<slug:portal_key>/theme.css", places.theme, name="theme"),
    path("access/", my_access.overview, name="my_access"),
    path("sign-on/headers/<slug:key>/", headers.identity, name="sign_on_headers"),
    path("sign-on/headers/<slug:key>/way-in/", headers.way_in, name="sign_on_headers_way_in"),
    path(".well-known/openid-configuration", endpoints.configuration, name="sign_on_configuration"),
    path(".well-known/jwks.json", endpoints.jwks, name="sign_on_jwks"),
    path("sign-on/authorize", authorize.authorize, name="sign_on_authorize"),
    path("sign-on/agree", authorize.agree, name="sign_on_agree"),
    path("sign-on/token", endpoints.token, name="sign_on_token"),
    path("sign-on/userinfo", endpoints.userinfo, name="sign_on_userinfo"),
    path("sign-on/revoke", endpoints.revoke, name="sign_on_revoke"),
    path("sign-on/logout", logout.logout, name="sign_on_logout"),
    path("sign-on/leave", logout.leave_all, name="sign_on_leave"),
    path("sign-on/tried/", admin.site.admin_view(trials.tried), name="sign_on_tried"),
    path("sign-on/applications/", connected.overview, name="connected"),
    path("sign-on/applications/<int:consent_id>/disconnect/", connected.disconnect, name="disconnect"),
]
