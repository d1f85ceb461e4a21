"""The ten security questions to choose from, and how an answer is compared (D-05)."""

from django.utils.translation import gettext_lazy as _

from identity.policy import text

HOW_MANY = 3
SHORTEST = 2  # letters or digits of an answer

QUESTIONS = {
    "first_pet": _("What was the name of your first pet?"),
    "first_street": _("On which street did you live when you were ten?"),
    "first_school": _("What was the name of your first school?"),
    "childhood_friend": _("What was the first name of your best friend as a child?"),
    "first_job": _("In which city was your first job?"),
    "first_car": _("What was the make and model of your first car?"),
    "favorite_teacher": _("What was the last name of the teacher you liked best?"),
    "parents_met": _("In which city did your parents meet?"),
    "first_concert": _("Which band or singer did you see at your first concert?"),
    "dream_job": _("As a child, what did you want to become?"),
}


def normalised(answer: str) -> str:
    """An answer without what people write differently from day to day: case, accents, spaces, punctuation."""
    return "".join(text.words(answer))
