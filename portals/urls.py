"""Addresses of the portals."""

from django.contrib import admin
from django.urls import path

from portals.entry.views import duties, my_access, places, way_back, why
from portals.inside.views import contact, dashboards, document_changes, document_files, documents, news
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
    path("p/<slug:portal_key>/home/", dashboards.home, name="portal_home"),
    path("p/<slug:portal_key>/home/arrange/", dashboards.arrange, name="portal_arrange"),
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
    path("p/<slug:portal_key>/messages/", contact.own_messages, name="portal_messages"),
    path("p/<slug:portal_key>/messages/<str:number>/", contact.conversation, name="portal_message"),
    path("p/<slug:portal_key>/documents/", documents.overview, name="documents"),
    path("p/<slug:portal_key>/documents/add/", document_files.add, name="document_add"),
    path("p/<slug:portal_key>/documents/add/<uuid:file_pk>/", document_files.describe, name="document_describe"),
    path("p/<slug:portal_key>/documents/add/<uuid:file_pk>/drop/", document_files.drop, name="document_drop"),
    path("p/<slug:portal_key>/documents/trash/", documents.trash, name="document_trash"),
    path("p/<slug:portal_key>/documents/<uuid:pk>/", documents.document, name="document"),
    path("p/<slug:portal_key>/documents/<uuid:pk>/edit/", document_changes.edit, name="document_edit"),
    path("p/<slug:portal_key>/documents/<uuid:pk>/share/", document_changes.share, name="document_share"),
    path("p/<slug:portal_key>/documents/<uuid:pk>/unshare/", document_changes.unshare, name="document_unshare"),
    path("p/<slug:portal_key>/documents/<uuid:pk>/delete/", document_changes.delete, name="document_delete"),
    path("p/<slug:portal_key>/documents/<uuid:pk>/restore/", document_changes.restore, name="document_restore"),
    path("p/<slug:portal_key>/documents/<uuid:pk>/hold/", document_changes.hold, name="document_hold"),
    path("p/<slug:portal_key>/documents/<uuid:pk>/hold/lift/", document_changes.lift, name="document_lift"),
    path("p/<slug:portal_key>/documents/<uuid:pk>/add/", document_files.add_version, name="document_version_add"),
    path(
        "p/<slug:portal_key>/documents/<uuid:pk>/add/<uuid:file_pk>/",
        document_files.confirm_version,
        name="document_version_confirm",
    ),
    path("p/<slug:portal_key>/documents/<uuid:pk>/<int:number>/", documents.version, name="document_version"),
    path("p/<slug:portal_key>/documents/<uuid:pk>/<int:number>/file/", documents.download, name="document_download"),
    path(
        "p/<slug:portal_key>/documents/<uuid:pk>/<int:number>/pages/<int:page>/",
        documents.picture,
        name="document_page",
    ),
    path("p/<slug:portal_key>/news/", news.news_list, name="portal_news"),
    path("p/<slug:portal_key>/news/<int:pk>/", news.news_item, name="portal_news_item"),
    path("p/<slug:portal_key>/news/<int:pk>/read/", news.acknowledge, name="portal_news_read"),
    path("p/<slug:portal_key>/news/practice/<int:practice>/", news.practice_news, name="portal_news_practice"),
    path("p/<slug:portal_key>/news/practice/<int:practice>/<int:pk>/", news.report, name="portal_news_report"),
    path(
        "p/<slug:portal_key>/news/practice/<int:practice>/<int:pk>/people.csv", news.export, name="portal_news_export"
    ),
    path("p/<slug:portal_key>/news/practice/<int:practice>/<int:pk>/remind/", news.remind, name="portal_news_remind"),
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
