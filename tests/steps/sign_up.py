"""A new ID: the form, its answers, what it complains about."""

from django.test import Client
from django.urls import reverse

GOOD = {
    "first_name": "Ana María",
    "last_name": "Núñez O'Hara",
    "year_of_birth": "1984",
    "email": "Ana@Example.org",
    "country": "US",
    "phone": "(310) 555-0123",
    "login_name": "ana.nunez",
    "password": "Str0ng-Password-x1",
    "password_again": "Str0ng-Password-x1",
    "agree": "on",
}

QUESTIONS = {
    "question_1": "first_pet", "answer_1": "Señor Bigotes",
    "question_2": "first_street", "answer_2": "Calle 5",
    "question_3": "dream_job", "answer_3": "pilot",
}  # fmt: skip


def post(client: Client, **changes):
    return client.post(reverse("account_signup"), {**GOOD, **changes})


def sign_up(client: Client, **changes):
    """The form and the page of questions after it."""
    post(client, **changes)
    return client.post(reverse("choose_questions"), QUESTIONS)


def errors(response, field: str) -> str:
    return " ".join(response.context["form"].errors.get(field, []))
