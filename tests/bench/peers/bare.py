"""Bare Django, written by hand: one sign-in view and a home page."""

from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
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


urlpatterns = [path("sign-in/", sign_in), path("", home)]
