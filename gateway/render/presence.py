"""An occupant's presence as a stanza (XEP-0045 §7.2.2, XEP-0421, XEP-0317, XEP-0153)."""

from __future__ import annotations

from gateway.render.xml import SHORT_TEXT, Splice, attribute, bearable, content, reason, stamp
from gateway.room.state import Appearance, Face, Hat, Room

MUC_USER = "http://jabber.org/protocol/muc#user"


def presence(
    room_jid: str,
    fact: Appearance,
    *,
    with_jid: bool,
    own_jid: str = "",
    extra_codes: tuple[int, ...] = (),
    version: str = "",
    with_id: bool = False,
) -> Splice:
    """The stanza for one kind of viewer.

    `with_jid` for those who may see real JIDs. `own_jid` is the viewer's own full JID if the
    presence is about themselves: they always see it, and are told 110 (§7.2.2). `version` is XML
    about the version of the affiliations. `with_id` has others see whose join it answers, too.
    """
    face = fact.face
    jid = own_jid or (face.jid if with_jid else None)
    codes = ((110, *extra_codes) if own_jid else extra_codes) + fact.codes
    kind = "" if fact.available else ' type="unavailable"'
    ident = f' id="{attribute(fact.stanza_id)}"' if fact.stanza_id and (own_jid or with_id) else ""
    return Splice.of(
        f'<presence from="{attribute(room_jid)}/{attribute(face.nick)}"{kind}{ident}>'
        f"{looks(face)}{occupant_id(face.id)}"
        f'<x xmlns="{MUC_USER}">{version}{_item(fact, jid)}{_statuses(codes)}{_destroy(fact)}</x>'
        "</presence>"
    )


def occupant_id(value: str) -> str:
    """The element by which an occupant is known whatever they are called (XEP-0421 §3)."""
    return f'<occupant-id xmlns="urn:xmpp:occupant-id:0" id="{attribute(value)}"/>'


def looks(face: Face) -> str:
    """What a presence says of its sender's availability, as XML."""
    parts = []
    if face.show:
        parts.append(f"<show>{face.show}</show>")
    if face.status:
        parts.append(f"<status>{content(bearable(face.status, SHORT_TEXT))}</status>")
    if face.idle_since is not None:
        parts.append(f'<idle xmlns="urn:xmpp:idle:1" since="{stamp(face.idle_since)}"/>')
    if face.photo is not None:
        photo = f"<photo>{face.photo}</photo>" if face.photo else "<photo/>"
        parts.append(f'<x xmlns="vcard-temp:x:update">{photo}</x>')
    if face.hats:
        hats = "".join(
            f'<hat uri="{attribute(hat.uri)}" title="{attribute(hat.title)}"{_hue(hat)}/>'
            for hat in face.hats
        )
        parts.append(f'<hats xmlns="urn:xmpp:hats:0">{hats}</hats>')
    return "".join(parts)


def _hue(hat: Hat) -> str:
    return f' hue="{attribute(hat.hue)}"' if hat.hue else ""


def _item(fact: Appearance, jid: str | None) -> str:
    face = fact.face
    attributes = f' affiliation="{face.affiliation}" role="{face.role}"'
    if jid:
        attributes += f' jid="{attribute(jid)}"'
    if fact.new_nick:
        attributes += f' nick="{attribute(fact.new_nick)}"'
    inner = ""
    if fact.actor:
        inner += f'<actor nick="{attribute(fact.actor)}"/>'
    inner += reason(fact.reason)
    return f"<item{attributes}>{inner}</item>" if inner else f"<item{attributes}/>"


def _statuses(codes: tuple[int, ...]) -> str:
    return "".join(f'<status code="{code}"/>' for code in codes)


def _destroy(fact: Appearance) -> str:
    if fact.destroyed is None:
        return ""
    jid = f' jid="{attribute(fact.destroyed.alternate)}"' if fact.destroyed.alternate else ""
    inner = reason(fact.destroyed.reason)
    return f"<destroy{jid}>{inner}</destroy>"


def picture_presence(room: Room) -> str:
    """The hash of a room's picture as presence of the room itself, which is nobody in it
    (XEP-0486 §3.2 has a better way)."""
    return (
        f'<presence from="{attribute(room.jid)}"><x xmlns="vcard-temp:x:update">'
        f"<photo>{content(room.avatar)}</photo></x></presence>"
    )
