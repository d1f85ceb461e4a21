"""Bare Django, written by hand: a sign-in view, a home page; the claims of a token, its refresh, published keys."""

import secrets
from hashlib import sha256

from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.csrf import csrf_exempt


def sign_in(request: HttpRequest) -> HttpResponse:
    form = AuthenticationForm(request, request.POST or None)
    if request.method == "POST" and form.is_valid():
        login(request, form.get_user())
        return redirect("/")
    return render(request, "sign_in.html", {"form": form})


@login_required
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "home.html")


def userinfo(request: HttpRequest) -> HttpResponse:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    user = get_object_or_404(User, username=_hash(token), is_active=True)
    groups = list(user.groups.values_list("name", flat=True))
    return JsonResponse({"sub": str(user.pk), "email": user.email, "name": user.first_name, "groups": groups})


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


@csrf_exempt
def token(request: HttpRequest) -> HttpResponse:
    """The floor of a refresh: one statement that takes the old token and keeps the hash of the new one."""
    fresh = secrets.token_urlsafe(32)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE auth_user SET username = %s, last_login = now() WHERE username = %s AND is_active RETURNING id",
            [_hash(fresh), _hash(request.POST["refresh_token"])],
        )
        if cursor.fetchone() is None:
            return JsonResponse({"error": "invalid_grant"}, status=400)
    return JsonResponse({"access_token": secrets.token_urlsafe(32), "refresh_token": fresh, "expires_in": 300})


def keys(request: HttpRequest) -> HttpResponse:
    return JsonResponse(
        {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "1", "n": "n" * 342, "e": "AQAB"}]}
    )


urlpatterns = [
    path("sign-in/", sign_in),
    path("userinfo/", userinfo),
    path("token/", token),
    path("keys/", keys),
    path("", home),
]
