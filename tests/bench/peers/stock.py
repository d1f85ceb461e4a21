"""Stock allauth: its own addresses, views and templates, and a home page."""

from django.contrib.auth.decorators import login_required
from django.urls import include, path
from django.views.generic import TemplateView

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("", include("allauth.idp.urls")),
    path("", login_required(TemplateView.as_view(template_name="home.html"))),
]
