"""What a backslash means in Java's regular expressions, as ``regex`` writes it."""

from __future__ import annotations

import re

from labkit.cloud.athena.errors import not_supported
from labkit.cloud.athena.functions.texts import invalid

PROPERTY = re.compile(r"([pP])\{(\^?)([^}]*)\}")
_LETTERS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "a": "\a", "e": "\x1b", "v": "\v"}
_UNSURE = "gKNORXyY"


def literal(letter: str) -> str:
    """One character, standing for itself inside and outside of a class."""
    return (
        "\\" + letter
        if letter.isascii() and not letter.isalnum() and letter not in "_\n" and letter.isprintable()
        else _coded(letter)
    )


def _coded(letter: str) -> str:
    return letter if letter.isprintable() else f"\\x{ord(letter):02x}" if letter.isascii() else letter


def escaped_letter(pattern: str, place: int) -> tuple[str, int]:
    """What follows a backslash and is one character or property, inside or outside of a class; its text and where it ends."""
    letter = pattern[place]
    if letter in "pP":
        return _property(pattern, place)
    if letter in _LETTERS:
        return literal(_LETTERS[letter]), place + 1
    for start, digits, base in (("x", r"[0-9A-Fa-f]{1,2}", 16), ("u", r"[0-9A-Fa-f]{4}", 16)):
        found = re.compile(digits).match(pattern, place + 1) if letter == start else None
        if found:
            return literal(chr(int(found[0], base))), found.end()
    octal = re.compile(r"[0-7]{1,3}").match(pattern, place)
    if octal:
        return literal(chr(int(octal[0], 8))), octal.end()
    if letter == "c" and place + 1 < len(pattern):
        return literal(chr(ord(pattern[place + 1]) & 0x1F)), place + 2
    if letter in _UNSURE or letter in "xu":
        raise not_supported(f"the escape \\{letter} in a regular expression")
    return literal(letter), place + 1


def _property(pattern: str, place: int) -> tuple[str, int]:
    found = PROPERTY.match(pattern, place)
    if found is None:
        return pattern[place], place + 1
    name = found[3]
    if not name or "_" in name or "=" in name or re.match(r"(?i)java|is[A-Za-z]{3}", name):
        raise invalid(f"invalid character property name {{{name}}}")
    word = "p" if (found[1] == "p") != bool(found[2]) else "P"
    return f"\\{word}{{{name}}}", found.end()
