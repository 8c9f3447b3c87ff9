"""Which localpart a group's room gets: a readable one if it can be a JID, and is free."""

from __future__ import annotations

import base64
import hashlib
import re
import stringprep
import unicodedata
from collections.abc import Callable

from slixmpp.stringprep import StringprepError, nodeprep

LONGEST = 1023
"""Bytes in a localpart (RFC 7622 §3.3)."""
LONGEST_PREFIX = 32


def choose(scope: str, legacy_id: str, wish: str, taken: Callable[[str], bool]) -> str:
    """`wish` if every XMPP server takes it as it is and it is not `taken`, or else a token.

    A token begins with what is readable of the wish and is the same each time unless it is taken.
    """
    if is_plain(wish) and not taken(wish):
        return wish
    attempt = 0
    while taken(token := make_token(scope, legacy_id, wish, attempt)):
        attempt += 1
    return token


def is_plain(localpart: str) -> bool:
    """Whether no server changes or refuses this localpart, by Nodeprep or by PRECIS.

    Nodeprep knows the characters of Unicode 3.2 only; later ones are not plain.
    """
    try:
        size = len(localpart.encode())
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    if not 0 < size <= LONGEST or localpart != localpart.lower():
        return False
    if localpart.startswith(r"\20") or localpart.endswith(r"\20"):  # XEP-0106 §3
        return False
    if any(stringprep.in_table_a1(c) for c in localpart):
        return False
    if unicodedata.normalize("NFKC", localpart) != localpart:
        return False
    try:
        same: str = nodeprep(localpart)  # type: ignore[no-untyped-call]
    except StringprepError:
        return False
    return same == localpart


def make_token(scope: str, legacy_id: str, wish: str, attempt: int = 0) -> str:
    """What is readable of `wish`, and a hash that tells apart what a localpart cannot."""
    apart = unicodedata.normalize("NFKD", re.sub(r"\\[0-9a-f]{2}", "-", wish[:200]))
    words = re.findall(r"[a-z0-9]+", apart.encode("ascii", "ignore").decode().lower())
    prefix = "-".join(words)[:LONGEST_PREFIX].strip("-")
    text = f"{scope}\0{legacy_id}\0{attempt or ''}".encode("utf-8", "surrogatepass")
    code = base64.b32encode(hashlib.blake2b(text, digest_size=10).digest()).decode().lower()
    return f"{prefix}-{code}" if prefix else code
