"""What a button of "Arrange" says: which tile, and what is done to it."""

from collections.abc import Sequence

from django import forms

ACTS = ("up", "down", "move", "hide", "show", "reset")
STEPS = {"up": -1, "down": 1}


class ArrangeForm(forms.Form):
    """One press. `to` is the place that a tile was dragged to; Up and Down know their own."""

    act = forms.ChoiceField(choices=[(act, act) for act in ACTS])
    tile = forms.SlugField(required=False)
    to = forms.IntegerField(required=False, min_value=1)

    def place(self, among: Sequence[str]) -> int:
        """The place, counted from 1, that the tile is to have among these."""
        asked = self.cleaned_data
        now = among.index(asked["tile"]) + 1 if asked["tile"] in among else 1
        return now + STEPS[asked["act"]] if asked["act"] in STEPS else asked["to"] or now
