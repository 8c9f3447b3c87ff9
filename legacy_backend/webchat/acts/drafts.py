"""What somebody wants to say, cleaned before it is said."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

import sqlalchemy as sa

from legacy_backend.terms import GroupId, LegacyError
from legacy_backend.values import Attachment, Draft
from legacy_backend.webchat import text
from legacy_backend.webchat.settings import Settings
from legacy_backend.webchat.store import messages

MOST_ATTACHMENTS = 10
LONGEST_URL = 2000


def cleaned(settings: Settings, draft: Draft) -> Draft:
    """`draft` as it may be kept.

    Raises LegacyError: "not-acceptable" if it is too long, or says nothing at all.
    """
    if len(draft.attachments) > MOST_ATTACHMENTS:
        raise LegacyError("not-acceptable", f"At most {MOST_ATTACHMENTS} files in a message.")
    body = text.lines(draft.body, settings.max_message, "A message", empty=True)
    if not body.strip() and not draft.attachments:
        raise LegacyError("not-acceptable", "A message may not be empty.")
    return replace(
        draft,
        body=body,
        origin=text.line(draft.origin, 255, "An origin id", empty=True),
        thread=text.line(draft.thread, 255, "A thread id", empty=True),
        attachments=tuple(_attachment(one) for one in draft.attachments),
    )


def _attachment(given: Attachment) -> Attachment:
    url = text.line(given.url, LONGEST_URL, "A URL")
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise LegacyError("not-acceptable", "Files are attached by http or https URLs.")
    return Attachment(
        url=url,
        name=text.line(given.name, 255, "A file name", empty=True),
        media_type=text.line(given.media_type, 100, "A media type", empty=True),
        size=min(max(given.size, 0), 2**53),
    )


def with_quote(conn: sa.Connection, group: GroupId, draft: Draft) -> Draft:
    """`draft` with what is really there in its quote; without one if that was never said here."""
    if draft.reply_to is None:
        return draft
    return replace(draft, reply_to=messages.quote(conn, group, draft.reply_to.id))
