"""Bare Django, written by hand: one sign-in view, a home page, and what a bearer of a token may know."""

from hashlib import sha256

from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path


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
    user = get_object_or_404(User, username=sha256(token.encode()).hexdigest(), is_active=True)
    groups = list(user.groups.values_list("name", flat=True))
    return JsonResponse({"sub": str(user.pk), "email": user.email, "name": user.first_name, "groups": groups})


urlpatterns = [path("sign-in/", sign_in), path("userinfo/", userinfo), path("", home)]
