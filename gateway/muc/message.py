"""Saying something to everyone (XEP-0045 §7.4), and saying it differently (XEP-0308)."""

from __future__ import annotations

from gateway.archive import Kind
from gateway.errors import Refused
from gateway.mirror.again import came_before
from gateway.muc import chat_state, displayed, react, retract
from gateway.muc.call import Call
from gateway.muc.content import content_of
from gateway.muc.reflect import reflect
from gateway.muc.sticker import hand_over
from gateway.muc.subject import change_subject, is_subject
from gateway.room.speak import may_speak

DISPLAYED = "{urn:xmpp:chat-markers:0}displayed"
ENCRYPTED = "{*}encrypted"


async def groupchat(call: Call) -> None:
    """Deal with a message of type groupchat to the room."""
    if call.nick:
        raise Refused("bad-request", "A message to everyone goes to the room itself.")
    call.seated()
    if call.child(react.REACTIONS) is not None:
        call.live.host.archive.check()
        await react.react(call)
    elif call.child(retract.RETRACT) is not None:
        call.live.host.archive.check()
        await retract.retract(call)
    elif is_subject(call.stanza):
        call.live.host.archive.check()
        await change_subject(call)
    elif call.child("{}body") is not None or call.child(ENCRYPTED) is not None:
        await say(call)
    elif call.child(DISPLAYED) is not None:
        await displayed.displayed(call)
    else:
        await chat_state.chat_state(call)


def _said_now(call: Call) -> None:
    """Check that a message is no history of another chat, replayed (§7.9): the network would take
    it as said by the sender, and now. What was late on its way has a delay too, of the sender's.

    Raises Refused "not-acceptable".
    """
    delay = call.child("{urn:xmpp:delay}delay")
    said_by = delay.get("from", "") if delay is not None else ""
    own = (call.user, call.user.partition("@")[2])
    if said_by and said_by.partition("/")[0] not in own:
        raise Refused("not-acceptable", "What others said before cannot be repeated.", "modify")


async def say(call: Call) -> None:
    """Hand a message to the network, then show it to everyone, its sender included."""
    me = call.seated().occupant
    may_speak(call.room, me)
    _said_now(call)
    content = await content_of(call)
    if content is None:
        raise Refused("not-acceptable", "There is nothing to say in this message.", "modify")
    call.live.host.archive.check()
    if call.said_again and await came_before(call, me, content.body):
        return
    replaced = content.message.replace
    if replaced is not None:
        with call.live.expected.change(("edit", replaced), content.body):
            await call.muc.on_message(content.message)
        await reflect(
            call, me, legacy_id=None, kind=Kind.EDIT, body=content.body, refers_to=replaced
        )
        return
    with call.live.sending(me.member):
        legacy_id = await hand_over(call, content)
        named = None if legacy_id is None else str(legacy_id)
        call.stored = reflect(call, me, legacy_id=named, body=content.body)
