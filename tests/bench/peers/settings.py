"""Settings of both peers: what `startproject` writes, our hasher, sessions, cache and connections. PEER names one."""

import os

import environ

_env = environ.Env()
PEER = os.environ["PEER"]
ROOT_URLCONF = f"tests.bench.peers.{PEER}"
SECRET_KEY = "for the benchmark only, never for people 0123456789"
ALLOWED_HOSTS = ["bench.invalid"]
CSRF_TRUSTED_ORIGINS = ["https://bench.invalid"]
USE_TZ = True

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
if PEER == "stock":
    INSTALLED_APPS += ["allauth", "allauth.account", "allauth.idp.oidc"]
    MIDDLEWARE += ["allauth.account.middleware.AccountMiddleware"]
    AUTHENTICATION_BACKENDS += ["allauth.account.auth_backends.AuthenticationBackend"]
    ALLAUTH_TRUSTED_PROXY_COUNT = 1

if PEER == "stock":  # its provider signs with a key from the settings
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    IDP_OIDC_PRIVATE_KEY = (
        rsa.generate_private_key(public_exponent=65537, key_size=2048)
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )

_BASE = """<!doctype html><html lang="en"><head><title>{% block title %}Home{% endblock %}</title></head>
<body>{% for message in messages %}<p role="status">{{ message }}</p>{% endfor %}
{% block content %}{% endblock %}</body></html>"""
_HOME = '{% extends "page.html" %}{% block content %}<h1>Hello, {{ request.user.username }}</h1>{% endblock %}'
_SIGN_IN = """{% extends "page.html" %}{% block title %}Sign in{% endblock %}{% block content %}<h1>Sign in</h1>
<form method="post">{% csrf_token %}{{ form.as_p }}<button>Sign in</button></form>{% endblock %}"""
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        (
                            "django.template.loaders.locmem.Loader",
                            {"page.html": _BASE, "home.html": _HOME, "sign_in.html": _SIGN_IN},
                        ),
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

PASSWORD_HASHERS = ["identity.keys.hashers.OwaspArgon2"]
LOGIN_URL = "/accounts/login/" if PEER == "stock" else "/sign-in/"
LOGIN_REDIRECT_URL = "/"

# The deployment is ours: connections kept alike, the same kind of sessions, https before it.
DATABASES = {
    "default": {
        **_env.db("DATABASE_URL"),
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 600,  # a connection a thread, as the product keeps them
    }
}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": os.environ["REDIS_URL"]}}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
