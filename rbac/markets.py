"""The markets: U.S. states and territories in which somebody works, as the database stores them (S3-04, D-10)."""

from django.utils.functional import Promise
from localflavor.us.us_states import STATE_CHOICES

LABELS: dict[str, str | Promise] = dict(sorted(STATE_CHOICES, key=lambda choice: choice[0]))


def label_of(market: str) -> str:
    """What pages call a market; its key where nothing names it."""
    return str(LABELS.get(market, market))
