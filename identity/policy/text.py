"""How typed text is read: one function for each kind of thing that people type, paste or import.

Every form, import and API asks these, so that what two pages store or compare is spelled alike.
"""

import re
import unicodedata

import idna

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−﹣－"), "-")
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘`´ʼ＇"), None)
# Controls, direction marks, joiners, soft hyphens, lone surrogates, and what is no character: nobody sees them.
_UNSEEN = ("Cc", "Cf", "Cs", "Cn", "Co")


def paragraph(typed: str) -> str:
    """Text of several lines: each as `line` reads it, blank ones at the ends dropped."""
    rows = re.split(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", typed)
    return "\n".join(line(row) for row in rows).strip("\n")


def line(typed: str) -> str:
    """Text of one line: composed (NFC), runs of any white space as one space, characters that nobody sees dropped."""
    spaced = "".join(" " if c.isspace() else c for c in typed)
    seen = "".join(c for c in spaced if unicodedata.category(c) not in _UNSEEN)
    return unicodedata.normalize("NFC", re.sub(r" +", " ", seen)).strip()


def digits(typed: str) -> str:
    """A number or code: `line`, with the decimal digits of every script as 0 to 9 and every dash as a hyphen."""
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in line(typed).translate(_DASHES))


def is_number(typed: str) -> bool:
    """Whether this can be the key of a row or the version of a page: digits 0 to 9, no more than a column holds."""
    return typed.isascii() and typed.isdecimal() and len(typed) < 19


def email(typed: str) -> str:
    """An address as it is stored and looked up: lower case, its domain in ASCII (IDNA), no space anywhere.

    What is no address is answered as it came, for the form's own check to refuse.
    """
    address = unicodedata.normalize("NFKC", line(typed)).replace(" ", "")
    local, at, domain = address.rpartition("@")
    try:
        domain = idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        return address.lower()
    return f"{local.lower()}{at}{domain.lower()}"


def words(typed: str) -> list[str]:
    """The words of a name or a search: without case, accents, apostrophes or punctuation ("O’Neill-Núñez" is two)."""
    letters = unicodedata.normalize("NFKD", line(typed).translate(_APOSTROPHES)).casefold()
    plain = "".join(c for c in letters if not unicodedata.combining(c))
    return re.findall(r"[^\W_]+", plain)
