"""Base64 and Base32 as Java and Guava read them: padding may be left out, anything else must be right."""

from __future__ import annotations

from labkit.cloud.athena.functions.texts import invalid

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
# Base32 packs 5 bits a letter: these rests of eight letters hold no whole bytes.
_SHORT_RESTS = (1, 3, 6)


def base64_bytes(text: str, last: str) -> bytes:
    """The bytes of Base64 text; ``last`` are the two letters of the alphabet that differ between its kinds."""
    if len(text) == 1:
        raise invalid("Input byte[] should at least have 2 bytes for base64 bytes")
    values = {letter: place for place, letter in enumerate(_LETTERS + last)}
    bits, held, made, end = 0, 0, bytearray(), len(text)
    for place, letter in enumerate(text):
        if letter == "=":
            end = _padding_end(text, place, held)
            break
        if letter not in values:
            raise invalid(f"Illegal base64 character {ord(letter) - 256 * (letter > chr(127)):x}")
        bits, held = bits << 6 | values[letter], held + 1
        if held == 4:
            made += bits.to_bytes(3, "big")
            bits, held = 0, 0
    if held == 1:
        raise invalid("Last unit does not have enough valid bits")
    if held == 2:
        made.append(bits >> 4)
    elif held == 3:
        made += (bits >> 2).to_bytes(2, "big")
    if end < len(text):
        raise invalid(f"Input byte array has incorrect ending byte at {end}")
    return bytes(made)


def _padding_end(text: str, place: int, held: int) -> int:
    """Where the padding that starts at ``place`` ends."""
    if held == 2 and text[place : place + 2] == "==":
        return place + 2
    if held == 3:
        return place + 1
    raise invalid("Input byte array has wrong 4-byte ending unit")


def base32_bytes(text: str) -> bytes:
    """The bytes of Base32 text."""
    kept = text.rstrip("=")
    if len(kept) % 8 in _SHORT_RESTS:
        raise invalid(f"Invalid input length {len(kept)}")
    bits, held, made = 0, 0, bytearray()
    for letter in kept:
        if letter not in _BASE32:
            raise invalid(f"Unrecognized character: {_shown(letter)}")
        bits, held = bits << 5 | _BASE32.index(letter), held + 5
        if held >= 8:
            held -= 8
            made.append(bits >> held & 0xFF)
    return bytes(made)


def _shown(letter: str) -> str:
    return letter if "!" <= letter <= "~" else f"0x{ord(letter):x}"
