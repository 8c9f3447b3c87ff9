"""Passwords, as they may be kept. Slow on purpose: never on the event loop."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from legacy_backend.terms import LegacyError

SHORTEST = 8
LONGEST = 200

# What OWASP asks of scrypt: N=2^16, r=8, p=2, or alike
_LOG_N, _R, _P = 16, 8, 2


def _scrypt(password: str, salt: bytes, log_n: int, r: int, p: int) -> bytes:
    secret = password.encode("utf-8", "surrogatepass")
    room = 128 * (1 << log_n) * r * 2
    return hashlib.scrypt(secret, salt=salt, n=1 << log_n, r=r, p=p, maxmem=room, dklen=32)


def hash_password(password: str) -> str:
    """A salted hash that carries its parameters.

    Raises LegacyError: "not-acceptable" if the password is too short or too long.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise LegacyError("not-acceptable", f"A password has {SHORTEST} to {LONGEST} characters.")
    salt = secrets.token_bytes(16)
    key = _scrypt(password, salt, _LOG_N, _R, _P)
    return f"scrypt${_LOG_N}${_R}${_P}${salt.hex()}${key.hex()}"


def matches(password: str, hashed: str | None) -> bool:
    """Whether `hashed` was made of `password`; takes as long, and says no, if there is none."""
    if len(password) > LONGEST:
        return False
    if hashed is None:
        _scrypt(password, b"nobody", _LOG_N, _R, _P)
        return False
    _, log_n, r, p, salt, key = hashed.split("$")
    made = _scrypt(password, bytes.fromhex(salt), int(log_n), int(r), int(p))
    return hmac.compare_digest(made, bytes.fromhex(key))
