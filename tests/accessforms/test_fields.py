"""Every kind of question of an access form: what is taken, what is refused, and what the person reads."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accessforms.forms import fields
from accessforms.forms.builder import format_answer
from portals.definitions.optum_connect_claims import ACCESS_FORM as CLAIMS
from portals.form_spec import Field, Kind


def refused(field, value) -> str:
    with pytest.raises(ValidationError) as error:
        field.clean(value)
    return " ".join(error.value.messages)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("12-3456789", ["12-3456789"]),
        ("123-45-6789", ["123-45-6789"]),
        ("123456789", ["12-3456789"]),
        ("12 3456789", ["12-3456789"]),
        ("12-3456789,123-45-6789", ["12-3456789", "123-45-6789"]),
        ("12-3456789 , 98-7654321,", ["12-3456789", "98-7654321"]),
        ("12-3456789\n98-7654321;33-0876543", ["12-3456789", "98-7654321", "33-0876543"]),
        ("12-3456789 98-7654321", ["12-3456789", "98-7654321"]),
        ("123456789 987654321", ["12-3456789", "98-7654321"]),
    ],
)
def test_tax_ids_in_both_dash_styles_and_in_lists(typed, kept):
    """S1-29, C11: commas, spaces, new lines; printed with the dashes of their kind."""
    assert [fields.written(tin) for tin in fields.TinsField().clean(typed)] == kept


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "required"),
        ("12-345678", "This is not a tax ID: 12-345678."),
        ("12-34567890", "This is not a tax ID"),
        ("12-345678X", "This is not a tax ID"),
        ("000-00-0000", "This is not a tax ID"),
        ("12-3456789, x", "This is not a tax ID: x."),
        ("12-3456789 abc 98-765", "This is not a tax ID: abc, 98-765."),
        ("12-3456789, 12-3456789,12-3456789", "entered twice: 12-3456789"),
        (",".join(f"95-45{number:05d}" for number in range(51)), "at most 50"),
    ],
)
def test_what_is_no_tax_id_is_named(typed, says):
    """S1-29, C11: the piece that is wrong stands in the error."""
    assert says in refused(fields.TinsField(), typed)


@pytest.mark.parametrize("npi", ["1234567893", "1234-567-893", " 1245319599 ", "2000000002"])
def test_an_npi_with_a_right_check_digit(npi):
    """S1-23: Luhn over 80840 and the number."""
    digits = fields.NpiField().clean(npi)
    assert len(digits) == 10


@pytest.mark.parametrize("npi", ["1234567890", "1234567894", "123456789", "12345678933", "3234567893", "12345x7893"])
def test_an_npi_with_a_wrong_digit(npi):
    """S1-23."""
    assert "This is not an NPI" in refused(fields.NpiField(), npi)


@given(st.integers(min_value=100_000_000, max_value=299_999_999), st.integers(0, 9), st.integers(1, 9))
def test_any_single_wrong_digit_of_an_npi_is_found(body, _unused, change):
    """S1-23: exactly one of ten check digits fits."""
    taken = []
    for digit in range(10):
        try:
            fields.NpiField().clean(f"{body}{digit}")
            taken.append(digit)
        except ValidationError:
            pass
    assert len(taken) == 1
    assert (taken[0] + change) % 10 != taken[0]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("90210", "90210"), ("90210-1234", "90210-1234"), ("902101234", "90210-1234"), ("90210 1234", "90210-1234")],
)
def test_zip_codes(typed, kept):
    """S1-19, S1-29."""
    assert fields.ZipField().clean(typed) == kept


@pytest.mark.parametrize("typed", ["9021", "902101", "ABCDE", "90210-12", "K1A 0B1"])
def test_what_is_no_zip_code(typed):
    assert "zip code of 5 or 9 digits" in refused(fields.ZipField(), typed)


@pytest.mark.parametrize("typed", ["310-555-0123", "(310) 555 0123", "+1 310 555 0123", "1.310.555.0123", "3105550123"])
def test_phones_in_every_usual_writing(typed):
    """S1-19, S1-29: cleaned to ten digits, printed as (310) 555-0123."""
    assert fields.PhoneField().clean(typed) == "3105550123"
    assert format_answer(Field(name="x", label="x", kind=Kind.PHONE), "3105550123") == "(310) 555-0123"


def test_an_office_may_have_a_toll_free_number():
    assert fields.PhoneField().clean("1-800-555-0199".replace("555-0199", "234-5678")) == "8002345678"


@pytest.mark.parametrize("typed", ["555-0123", "310-555-012", "310-055-0123", "+44 20 7946 0958", "phone"])
def test_what_is_no_phone(typed):
    assert "with its area code" in refused(fields.PhoneField(), typed)


def test_states_come_from_a_list():
    """S1-29, D-10."""
    state = fields.build(CLAIMS.fields()["state"])
    assert state.clean("CA") == "CA"
    assert "valid choice" in refused(state, "ZZ")


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize("kind", [k for k in Kind if k != Kind.OHID])
def test_an_optional_question_may_stay_empty_and_a_required_one_not(kind, required):
    """S1-26: what is not marked (optional) must be answered."""
    field = fields.build(Field(name="x", label="X", kind=kind, required=required, choices=(("a", "A"),)))
    empty = [] if kind == Kind.ANY_OF else ""
    if required:
        assert "required" in refused(field, empty)
    else:
        assert not field.clean(empty)


def test_an_extension_is_not_dropped_in_silence():
    """walk C1: a telephone keeps it, as it is shown and printed; a fax, which has none, says so."""
    kept = fields.PhoneField().clean("(213) 622-0142 x5")
    assert kept == fields.PhoneField().clean("213-622-0142 ext. 5") == "2136220142x5"
    assert format_answer(Field(name="x", label="x", kind=Kind.PHONE), kept) == "(213) 622-0142 ext. 5"
    assert fields.PhoneField().clean(kept) == kept, "what was kept is shown again for a correction"
    assert "without its extension" in refused(fields.FaxField(), "(213) 622-0142 x5")


def test_a_name_in_full_has_two_words():
    """S1-30, S1-31: "First and Last Name"."""
    officer = fields.build(CLAIMS.fields()["officer_name"])
    assert officer.clean("Bo Li") == "Bo Li"
    assert "Enter first and last name" in refused(officer, "Bob")
