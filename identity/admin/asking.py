"""The page before an act of the desk that touches several people or cannot be taken back: it says what the press will
do, to whom and to how many, and only what it said is done (C17)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from identity.keys.fields import keyed_hash

_READ = "read"  # the field by which the second press names what it has read
SHOWN = 100  # lines of people; the number of all of them stands above


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked before one act. `says` are sentences, `people` the lines of who or what is touched, `untouched` of
    who was chosen and is left as they are, `back` is where whoever does not want it goes."""

    title: str
    says: Sequence[str]
    button: str
    back: str
    people: Sequence[str] = ()
    untouched: Sequence[str] = ()
    besides: Sequence[str] = ()  # what is worth knowing and moves by itself: it may be another at the second press
    is_bad: bool = False
    longest: int = 0  # characters of the reason that is asked for; 0: none is

    @property
    def mark(self) -> str:
        """What a press that has read exactly this carries."""
        return keyed_hash("asked at the desk", repr((self.title, *self.says, *self.people, self.untouched)))


def is_answered(request: HttpRequest, question: Question) -> bool:
    """Whether this press comes from the page that says exactly what holds now."""
    return request.POST.get(_READ) == question.mark


def page(request: HttpRequest, site: AdminSite, question: Question, *, opts: Any, problem: str = "") -> HttpResponse:
    """The page. Its button sends again what was sent, with the mark of what stands here."""
    if not problem and _READ in request.POST and not is_answered(request, question):
        problem = _("What this does has changed meanwhile. Look at it once more; nothing was done yet.")
    again = [(name, value) for name, values in request.POST.lists() for value in values]
    left_out = {"csrfmiddlewaretoken", _READ} | ({"reason"} if question.longest else set())
    shown = {
        **site.each_context(request),
        "title": question.title,
        "opts": opts,
        "listed": reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist"),
        "question": question,
        "people": question.people[:SHOWN],
        "more": max(len(question.people) - SHOWN, 0),
        "again": [(name, value) for name, value in again if name not in left_out],
        "reason": request.POST.get("reason", "") if question.longest else "",
        "problem": problem,
    }
    return render(request, "admin/ask_first.html", shown, status=422 if problem else 200)
