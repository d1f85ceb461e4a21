"""Addresses of identity. The names that begin with account_ are those that allauth looks up."""

from django.urls import path

from identity.views import pages, profile, second_factor, sign_in, sign_up, verify_email, verify_phone, voice

urlpatterns = [
    path("sign-in/", sign_in.identify, name="account_login"),
    path("sign-in/password/", sign_in.password, name="password"),
    path("sign-in/second-factor/", second_factor.verify, name="second_factor"),
    path("sign-out/", sign_in.sign_out, name="account_logout"),
    path("create/", sign_up.create, name="account_signup"),
    path("verify-email/", verify_email.verify, name="verify_email"),
    path("verify-email/address/", verify_email.change_address, name="change_address"),
    path("activate/<str:token>/", verify_email.activate, name="activate"),
    path("verify-phone/", verify_phone.choose, name="verify_phone"),
    path("verify-phone/text/", verify_phone.text, name="verify_phone_text"),
    path("verify-phone/call/", verify_phone.call, name="verify_phone_call"),
    path("verify-phone/update/", verify_phone.update, name="update_phone"),
    path("voice/<str:token>/", voice.keypad, name="keypad"),
    path("faster-sign-in/", sign_up.faster_sign_in, name="faster_sign_in"),
    path("profile/", profile.show, name="profile"),
    path("terms-of-use/", pages.show, {"page": "terms"}, name="terms"),
    path("privacy-policy/", pages.show, {"page": "privacy"}, name="privacy"),
    path("help/", pages.show, {"page": "help"}, name="help"),
    path("help/what-is-an-optum-id/", pages.show, {"page": "what_is_an_optum_id"}, name="what_is_an_optum_id"),
    path("help/forgot/", pages.show, {"page": "forgot"}, name="forgot"),
    path("help/passkey/", pages.show, {"page": "guide_passkey"}, name="guide_passkey"),
    path("help/authenticator/", pages.show, {"page": "guide_authenticator"}, name="guide_authenticator"),
    path("language/<str:code>/", pages.language, name="language"),
]
