"""The request of somebody who is signed in, as the types know it."""

from typing import TypeGuard

from django.http import HttpRequest

from identity.models.accounts import Account


class AccountRequest(HttpRequest):
    """What a view gets behind `identity.views.page`, and whatever it hands its request to. None is ever made: Django's
    own request is one as soon as its user is an account."""

    user: Account


def is_signed_in(request: HttpRequest) -> TypeGuard[AccountRequest]:
    """Whether it is somebody's, on pages that are for strangers too."""
    return request.user.is_authenticated
