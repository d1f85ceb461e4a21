"""What the owner of an application copies into its settings, for the common libraries."""

from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.template.loader import render_to_string

from portals.models import Application
from portals.oidc import applications

FOLDER = "admin/portals/application/snippets"
NAMES = {
    "authlib": "Authlib (Python)",
    "mod_auth_openidc": "mod_auth_openidc (Apache)",
    "mozilla_django_oidc": "mozilla-django-oidc (Django)",
    "openid_client": "openid-client (Node.js)",
}


class Snippet(NamedTuple):
    """One library's settings, ready to copy. Where the secret belongs it only says so."""

    key: str
    name: str
    text: str


def snippets_of(application: Application) -> list[Snippet]:
    """One for each file of the folder."""
    said = applications.said_of(application)
    told = {
        "issuer": settings.PUBLIC_URL,
        "client_id": application.pk,
        "redirect_uri": said.redirect_uris[0] if said.redirect_uris else "",
        "scopes": " ".join(said.scopes),
    }
    files = sorted(Path(settings.BASE_DIR, "templates", FOLDER).glob("*.txt"))
    return [
        Snippet(file.stem, NAMES.get(file.stem, file.stem), render_to_string(f"{FOLDER}/{file.name}", told).strip())
        for file in files
    ]
