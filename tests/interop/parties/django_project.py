"""A small Django project that signs people on with mozilla-django-oidc and with Authlib, by the snippets of the admin
site: settings_snippet.py, sign_on.py and sign_on_authlib.py lie beside it."""

import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command
from django.http import JsonResponse
from django.urls import include, path

HERE = Path(__file__).parent


def home(request):
    """Who is signed on, by either library."""
    user = request.user
    known = {"sub": user.username, "email": user.email, "name": user.get_full_name()} if user.is_authenticated else None
    return JsonResponse({"mozilla": known, "authlib": request.session.get("who")})


def refresh(request):
    """Authlib's refresh, which the snippet leaves to its reader."""
    from sign_on_authlib import oauth

    client = oauth.healthcare_id
    client.load_server_metadata()
    with client._get_oauth_client(**client.server_metadata) as session:
        token = session.refresh_token(client.server_metadata["token_endpoint"], request.session["refresh_token"])
    request.session["refresh_token"] = token["refresh_token"]
    return JsonResponse({"expires_in": token["expires_in"]})


def main() -> None:
    names = {
        "SECRET_KEY": "only here", "ALLOWED_HOSTS": ["localhost"], "ROOT_URLCONF": "__main__", "USE_TZ": True,
        "DATABASES": {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": HERE / "database"}},
        "SESSION_COOKIE_NAME": "django_party", "LOGIN_REDIRECT_URL": "/", "LOGOUT_REDIRECT_URL": "/",
        "LOGIN_REDIRECT_URL_FAILURE": "/refused/", "ALLOW_LOGOUT_GET_METHOD": True,
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "INSTALLED_APPS": ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
        "MIDDLEWARE": ["django.contrib.sessions.middleware.SessionMiddleware",
                       "django.contrib.auth.middleware.AuthenticationMiddleware"],
    }  # fmt: skip
    exec((HERE / "settings_snippet.py").read_text(), names)
    names["OIDC_RENEW_ID_TOKEN_EXPIRY_SECONDS"] = int(os.environ.get("RENEW_AFTER", "300"))
    settings.configure(**{name: value for name, value in names.items() if name.isupper()})
    django.setup()
    call_command("migrate", verbosity=0)
    import sign_on_authlib

    urlpatterns[:] = [
        path("", home),
        path("refused/", lambda request: JsonResponse({"refused": True}, status=403)),
        path("oidc/", include("mozilla_django_oidc.urls")),
        path("authlib/login/", sign_on_authlib.login),
        path("authlib/callback/", sign_on_authlib.callback),
        path("authlib/refresh/", refresh),
    ]
    call_command("runserver", f"127.0.0.1:{os.environ['PORT']}", "--noreload")


urlpatterns: list = []

if __name__ == "__main__":
    sys.path.insert(0, str(HERE))
    main()
