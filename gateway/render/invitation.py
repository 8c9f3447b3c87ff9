"""Messages of the room about coming in and staying out, and private ones (XEP-0045 §7.5, §7.8)."""

from __future__ import annotations

from gateway.render.presence import MUC_USER
from gateway.render.xml import SHORT_TEXT, attribute, bearable, content, reason


def invitation(
    room_jid: str,
    to: str,
    inviter: str,
    why: str,
    password: str = "",
    *,
    continues: str | None = None,
) -> str:
    """An invitation as the room sends it, in both forms that clients know.

    `why` is the reason; `continues` is the thread of the chat that goes on in the room, "" if it
    has none (§7.9).
    """
    inner = reason(why)
    secret = f"<password>{content(password)}</password>" if password else ""
    direct = f' reason="{attribute(bearable(why, SHORT_TEXT))}"' if why else ""
    if password:
        direct += f' password="{attribute(password)}"'
    if continues is not None:
        thread = f' thread="{attribute(continues)}"' if continues else ""
        inner += f"<continue{thread}/>"
        direct += f' continue="true"{thread}'
    return (
        f'<message from="{attribute(room_jid)}" to="{attribute(to)}">'
        f'<x xmlns="{MUC_USER}"><invite from="{attribute(inviter)}">{inner}</invite>{secret}</x>'
        f'<x xmlns="jabber:x:conference" jid="{attribute(room_jid)}"{direct}/></message>'
    )


def declined(room_jid: str, to: str, invitee: str, why: str) -> str:
    """Word to the inviter that somebody will not come."""
    return (
        f'<message from="{attribute(room_jid)}" to="{attribute(to)}">'
        f'<x xmlns="{MUC_USER}"><decline from="{attribute(invitee)}">{reason(why)}</decline></x>'
        "</message>"
    )


def whisper(room_jid: str, nick: str, to: str, body: str, message_id: str) -> str:
    """A private message from an occupant, marked as one (§7.5)."""
    return (
        f'<message from="{attribute(room_jid)}/{attribute(nick)}" to="{attribute(to)}"'
        f' type="chat" id="{attribute(message_id)}"><body>{content(body)}</body>'
        f'<x xmlns="{MUC_USER}"/></message>'
    )
