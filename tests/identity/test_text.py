"""How typed text is read (field cases T03, T09, T11, T15), for examples and over all of Unicode."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.policy import text


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Mary\u00a0Ann", "Mary Ann"),
        ("\u200fYosef", "Yosef"),
        ("می\u200cنا", "مینا"),
        ("Zoe\r\n\u202eLopez\0", "Zoe Lopez"),
        ("  Jose\u0301   Ruiz ", "José Ruiz"),
        ("a\ud800b", "ab"),
    ],
)
def test_a_line_holds_what_people_see(typed, read):
    assert text.line(typed) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [("８３０３", "8303"), ("٠١٢٣", "0123"), ("12‐3456789", "12-3456789"), ("²", "²"), ("1\u20093", "1 3")],
)
def test_digits_of_every_script_are_digits(typed, read):
    assert text.digits(typed) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("zoe.zwsp@example.org\u200b", "zoe.zwsp@example.org"),
        ("zoe7@exam\u00adple.org", "zoe7@example.org"),
        ("Zoe.IDN@exämple.org", "zoe.idn@xn--exmple-cua.org"),
        ("zoe.idn@xn--exmple-cua.org", "zoe.idn@xn--exmple-cua.org"),
        ("zoe＠example．org", "zoe@example.org"),
        ("no address", "noaddress"),
        ("a@b@c", "a@b@c"),
        ("zoe@-.org", "zoe@-.org"),
    ],
)
def test_an_address_has_one_form(typed, read):
    assert text.email(typed) == read


def test_a_search_has_words():
    assert text.words("María Álvarez-Núñez, O’Neill") == ["maria", "alvarez", "nunez", "oneill"]


@given(st.text())
def test_reading_twice_changes_nothing(typed):
    assert text.line(text.line(typed)) == text.line(typed)
    assert text.paragraph(text.paragraph(typed)) == text.paragraph(typed)
    assert text.digits(text.digits(typed)) == text.digits(typed)
    assert text.words(" ".join(text.words(typed))) == text.words(typed)


@given(st.text())
def test_nothing_unseen_is_left(typed):
    assert not [c for c in text.line(typed) if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Cn", "Co")]


@given(st.emails())
def test_an_address_that_was_read_is_read_the_same(typed):
    assert text.email(text.email(typed)) == text.email(typed)
