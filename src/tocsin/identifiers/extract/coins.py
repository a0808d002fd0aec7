"""Checksums of coin addresses: base58check, bech32 and bech32m (BIP 173, BIP 350), EIP-55."""

from __future__ import annotations

from functools import lru_cache

_CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_ROUNDS = (
    0x1, 0x8082, 0x800000000000808A, 0x8000000080008000, 0x808B, 0x80000001, 0x8000000080008081, 0x8000000000008009,
    0x8A, 0x88, 0x80008009, 0x8000000A, 0x8000808B, 0x800000000000008B, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x800A, 0x800000008000000A, 0x8000000080008081, 0x8000000000008080,
    0x80000001, 0x8000000080008008,
)  # fmt: skip
_MASK = (1 << 64) - 1
_TURNS = tuple((step + 1) * (step + 2) // 2 % 64 for step in range(24))


def base58check(word: str, versions: tuple[int, ...]) -> bool:
    """Whether the checksum holds and the version byte is one of `versions` (20 bytes of payload)."""
    import base58  # only texts with such a word need it

    try:
        data = base58.b58decode_check(word)
    except ValueError:
        return False
    return len(data) == 21 and data[0] in versions


def bech32_valid(word: str) -> bool:
    """A `bc1…` address: BIP 173 for version 0, BIP 350 from version 1 on; never mixed case."""
    if (word != word.lower() and word != word.upper()) or not 14 <= len(word) <= 74:
        return False
    word = word.lower()
    data = [_CHARSET.find(char) for char in word[3:]]
    if min(data) < 0:
        return False
    checksum = _polymod([3, 3, 0, 2, 3, *data])
    if checksum != (1 if data[0] == 0 else 0x2BC830A3) or data[0] > 16:
        return False
    length, bits = divmod(5 * (len(data) - 7), 8)
    return bits < 5 and (length in (20, 32) if data[0] == 0 else 2 <= length <= 40)


def _polymod(values: list[int]) -> int:
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for index in range(5):
            check ^= _GENERATOR[index] if top >> index & 1 else 0
    return check


@lru_cache(maxsize=1024)  # one wallet stands in many tips, and the digest takes half a millisecond
def eth_valid(digits: str) -> bool:
    """40 hex digits; mixed case must satisfy EIP-55."""
    lower = digits.lower()
    if any(char not in "0123456789abcdef" for char in lower):
        return False
    if digits in (lower, digits.upper()):
        return True
    digest = keccak256(lower.encode()).hex()
    return all(not c.isalpha() or c.isupper() == (int(digest[i], 16) >= 8) for i, c in enumerate(digits))


def keccak256(data: bytes) -> bytes:
    """Keccak-256 with the original padding, as Ethereum uses it (not SHA3-256); one block is enough here."""
    block = bytearray(data.ljust(136, b"\x00"))
    block[len(data)] ^= 0x01
    block[135] ^= 0x80
    lanes = [int.from_bytes(block[8 * i : 8 * i + 8], "little") for i in range(17)] + [0] * 8
    for constant in _ROUNDS:
        _round(lanes, constant)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


def _rotate(value: int, by: int) -> int:
    return ((value << by) | (value >> (64 - by))) & _MASK if by else value


def _round(lanes: list[int], constant: int) -> None:
    """One round of Keccak-f[1600] (FIPS 202, section 3.2): theta, rho and pi, chi, iota."""
    column = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
    for x in range(5):
        mix = column[(x - 1) % 5] ^ _rotate(column[(x + 1) % 5], 1)
        for y in range(0, 25, 5):
            lanes[x + y] ^= mix
    x, y, current = 1, 0, lanes[1]
    for step in range(24):
        x, y = y, (2 * x + 3 * y) % 5
        by = _TURNS[step]
        current, lanes[x + 5 * y] = lanes[x + 5 * y], (current << by | current >> 64 - by) & _MASK
    for y in range(0, 25, 5):
        row = lanes[y : y + 5]
        for x in range(5):
            lanes[x + y] = row[x] ^ (~row[(x + 1) % 5] & _MASK & row[(x + 2) % 5])
    lanes[0] ^= constant
