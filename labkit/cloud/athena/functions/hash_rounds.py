"""xxHash64, MurmurHash3 (128 bits, x64) and SpookyHash V2, with seed 0, after their authors' public descriptions."""

from __future__ import annotations

import struct

_MASK = (1 << 64) - 1
_P1, _P2, _P3 = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9
_P4, _P5 = 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5
_C1, _C2 = 0x87C37B91114253D5, 0x4CF5AD432745937F
_SPOOKY = 0xDEADBEEFDEADBEEF
_SPOOKY_BLOCK = 96
_SHORT_MIX = ((50, 2), (52, 3), (30, 0), (41, 1), (54, 2), (48, 3), (38, 0), (37, 1), (62, 2), (34, 3), (5, 0), (36, 1))
_SHORT_END = (15, 52, 26, 51, 28, 9, 47, 54, 32, 25, 63)
_LONG_MIX = (11, 32, 43, 31, 17, 28, 39, 57, 55, 54, 22, 46)
_LONG_END = (44, 15, 34, 21, 38, 33, 10, 13, 38, 53, 42, 54)


def _turn(value: int, bits: int) -> int:
    return (value << bits | value >> 64 - bits) & _MASK


def _xx_round(state: int, value: int) -> int:
    return _turn((state + value * _P2) & _MASK, 31) * _P1 & _MASK


def _xx_merge(state: int, value: int) -> int:
    return ((state ^ _xx_round(0, value)) * _P1 + _P4) & _MASK


def xxhash64(data: bytes) -> int:
    """xxHash of 64 bits."""
    place, size = 0, len(data)
    if size >= 32:
        lanes = [(_P1 + _P2) & _MASK, _P2, 0, -_P1 & _MASK]
        while place + 32 <= size:
            words = struct.unpack_from("<4Q", data, place)
            lanes = [_xx_round(lane, word) for lane, word in zip(lanes, words, strict=True)]
            place += 32
        state = sum(_turn(lane, bits) for lane, bits in zip(lanes, (1, 7, 12, 18), strict=True)) & _MASK
        for lane in lanes:
            state = _xx_merge(state, lane)
    else:
        state = _P5
    return _xx_end(data, place, (state + size) & _MASK)


def _xx_end(data: bytes, place: int, state: int) -> int:
    while place + 8 <= len(data):
        word = struct.unpack_from("<Q", data, place)[0]
        state = (_turn(state ^ _xx_round(0, word), 27) * _P1 + _P4) & _MASK
        place += 8
    if place + 4 <= len(data):
        word = struct.unpack_from("<I", data, place)[0]
        state = (_turn(state ^ word * _P1 & _MASK, 23) * _P2 + _P3) & _MASK
        place += 4
    for byte in data[place:]:
        state = _turn(state ^ byte * _P5 & _MASK, 11) * _P1 & _MASK
    state = (state ^ state >> 33) * _P2 & _MASK
    state = (state ^ state >> 29) * _P3 & _MASK
    return state ^ state >> 32


def _murmur_last(value: int) -> int:
    value = (value ^ value >> 33) * 0xFF51AFD7ED558CCD & _MASK
    value = (value ^ value >> 33) * 0xC4CEB9FE1A85EC53 & _MASK
    return value ^ value >> 33


def murmur3(data: bytes) -> bytes:
    """MurmurHash3 of 128 bits, its two halves in little-endian order."""
    first = second = 0
    whole = len(data) // 16 * 16
    for one, two in struct.iter_unpack("<2Q", data[:whole]):
        first ^= _turn(one * _C1 & _MASK, 31) * _C2 & _MASK
        first = (((_turn(first, 27) + second) & _MASK) * 5 + 0x52DCE729) & _MASK
        second ^= _turn(two * _C2 & _MASK, 33) * _C1 & _MASK
        second = (((_turn(second, 31) + first) & _MASK) * 5 + 0x38495AB5) & _MASK
    rest = data[whole:]
    if len(rest) > 8:
        second ^= _turn(int.from_bytes(rest[8:], "little") * _C2 & _MASK, 33) * _C1 & _MASK
    if rest:
        first ^= _turn(int.from_bytes(rest[:8], "little") * _C1 & _MASK, 31) * _C2 & _MASK
    first, second = first ^ len(data), second ^ len(data)
    first = (first + second) & _MASK
    second = (second + first) & _MASK
    first, second = _murmur_last(first), _murmur_last(second)
    first = (first + second) & _MASK
    second = (second + first) & _MASK
    return struct.pack("<2Q", first, second)


def spooky(data: bytes) -> int:
    """SpookyHash V2 of 64 bits."""
    return _spooky_short(data) if len(data) < 2 * _SPOOKY_BLOCK else _spooky_long(data)


def _short_mix(h: list[int]) -> None:
    for bits, at in _SHORT_MIX:
        h[at] = (_turn(h[at], bits) + h[(at + 1) % 4]) & _MASK
        h[(at + 2) % 4] ^= h[at]


def _spooky_short(data: bytes) -> int:
    h = [0, 0, _SPOOKY, _SPOOKY]
    place, size = 0, len(data)
    if size > 15:
        for _ in range(size // 32):
            words = struct.unpack_from("<4Q", data, place)
            h[2], h[3] = (h[2] + words[0]) & _MASK, (h[3] + words[1]) & _MASK
            _short_mix(h)
            h[0], h[1] = (h[0] + words[2]) & _MASK, (h[1] + words[3]) & _MASK
            place += 32
        if size % 32 >= 16:
            words = struct.unpack_from("<2Q", data, place)
            h[2], h[3] = (h[2] + words[0]) & _MASK, (h[3] + words[1]) & _MASK
            _short_mix(h)
            place += 16
    rest = data[place:]
    h[3] = (h[3] + (size << 56)) & _MASK
    if rest:
        h[2] = (h[2] + int.from_bytes(rest[:8], "little")) & _MASK
        h[3] = (h[3] + int.from_bytes(rest[8:], "little")) & _MASK
    else:
        h[2], h[3] = (h[2] + _SPOOKY) & _MASK, (h[3] + _SPOOKY) & _MASK
    for step, bits in enumerate(_SHORT_END):
        at = (step + 3) % 4
        before = (at - 1) % 4
        h[at] ^= h[before]
        h[before] = _turn(h[before], bits)
        h[at] = (h[at] + h[before]) & _MASK
    return h[0]


def _long_mix(h: list[int], words: tuple[int, ...]) -> None:
    for at in range(12):
        h[at] = (h[at] + words[at]) & _MASK
        h[(at + 2) % 12] ^= h[(at + 10) % 12]
        h[(at + 11) % 12] ^= h[at]
        h[at] = _turn(h[at], _LONG_MIX[at])
        h[(at + 11) % 12] = (h[(at + 11) % 12] + h[(at + 1) % 12]) & _MASK


def _spooky_long(data: bytes) -> int:
    h = [0, 0, _SPOOKY] * 4
    whole = len(data) // _SPOOKY_BLOCK * _SPOOKY_BLOCK
    for place in range(0, whole, _SPOOKY_BLOCK):
        _long_mix(h, struct.unpack_from("<12Q", data, place))
    rest = data[whole:]
    block = rest + bytes(_SPOOKY_BLOCK - 1 - len(rest)) + bytes([len(rest)])
    words = struct.unpack("<12Q", block)
    h = [(state + word) & _MASK for state, word in zip(h, words, strict=True)]
    for _ in range(3):
        for at in range(12):
            third = (at + 11) % 12
            h[third] = (h[third] + h[(at + 1) % 12]) & _MASK
            h[(at + 2) % 12] ^= h[third]
            h[(at + 1) % 12] = _turn(h[(at + 1) % 12], _LONG_END[at])
    return h[0]
