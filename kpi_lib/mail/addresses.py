"""E-mail addresses and what people are called, held to what is safe in a header."""

from __future__ import annotations

import unicodedata

from email_validator import EmailNotValidError, validate_email

from kpi_lib.errors import MailError

_SAME_SHAPE = ".example"
RESERVED = ".invalid"  # reaches nobody, by RFC 2606
LONGEST_NAME = 200
_UNSEEN = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}  # controls, invisible marks, what turns text around


def address_of(text: str) -> str:
    """Return an address as servers know it; raise ValueError, in words, where it is none.

    International domains become ASCII. A quoted local part, a comment or letters that only some
    servers accept before the @ are refused: nobody is ever given an address in doubt.

    >>> address_of("Anna@Bücher.Example")
    'Anna@xn--bcher-kva.example'
    """
    # The library refuses domains that reach nobody, which are what examples are made of.
    nowhere = text.lower().endswith(RESERVED)
    try:
        validated = validate_email(
            text[: -len(RESERVED)] + _SAME_SHAPE if nowhere else text,
            check_deliverability=False,
            allow_smtputf8=False,
            allow_quoted_local=False,
            allow_display_name=False,
        )
    except EmailNotValidError as error:
        raise ValueError(str(error)) from error
    if validated.ascii_email is None:
        raise ValueError("It has letters that not every server accepts.")
    address = validated.ascii_email
    return address.removesuffix(_SAME_SHAPE) + RESERVED if nowhere else address


def domain_of(address: str) -> str:
    """Return the domain of an address, in lower case.

    >>> domain_of("anna@Partner.Example")
    'partner.example'
    """
    return address.rpartition("@")[2].lower()


def fault_of_name(name: str) -> str | None:
    r"""Return what makes a name unfit for a header, or None.

    >>> fault_of_name("Anna"), fault_of_name("An\u202ena")
    (None, 'it holds the invisible character U+202E')
    """
    if len(name) > LONGEST_NAME:
        return f"it has {len(name):,} characters, {LONGEST_NAME} at most are allowed"
    for character in name:
        if unicodedata.category(character) in _UNSEEN:
            return f"it holds the invisible character U+{ord(character):04X}"
    return None


def address_of_setting(text: str, key: str) -> str:
    """Return an address of the settings; raise MailError that names the key where it is none."""
    try:
        return address_of(text)
    except ValueError as error:
        raise MailError.at(f"settings, {key}", f"{text!r}: {error}", "Mend project.yml.") from None
