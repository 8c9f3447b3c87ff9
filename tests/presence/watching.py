"""Reading what addresses of the gateway tell users outside of rooms."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from slixmpp import JID

from tests.stage import DOMAIN, Stage, member

CYD = f"cyd@{DOMAIN}"
DAN = f"dan@{DOMAIN}"


class Watcher:
    """The presences to one user, from wherever but rooms, that were not read yet."""

    def __init__(self, stage: Stage, user: str = "ada@example.org") -> None:
        self.stage = stage
        self.user = user
        self._read = len(stage.wire.stanzas)

    async def stanzas(self) -> list[ET.Element]:
        """What came, once all that is under way is there."""
        await self.stage.settled()
        new = self.stage.wire.stanzas[self._read :]
        self._read = len(self.stage.wire.stanzas)
        return [
            stanza
            for stanza in new
            if stanza.tag.endswith("}presence")
            and stanza.get("to", "").partition("/")[0] == self.user
            and not stanza.get("from", "").startswith("g1@")
        ]

    async def told(self) -> list[tuple[str, str]]:
        """From whom, and what: the type, or the show, or "available"."""
        return [(s.get("from", ""), kind(s)) for s in await self.stanzas()]


def kind(stanza: ET.Element) -> str:
    return stanza.get("type") or stanza.findtext("{*}show") or "available"


def subscribes(stage: Stage, to: str, kind: str = "subscribe", who: str = "ada") -> None:
    """Have a user send one of the four kinds, or a probe, as their server passes it on."""
    stage.feed(f"<presence to='{to}' type='{kind}'/>", f"{who}@example.org")


async def registered(stage: Stage, who: str = "ada", *others: str) -> Watcher:
    """Somebody who is in g1, with whoever else is, and has read all."""
    stage.group(who, "cyd", "dan", *others)
    for name in (who, *others):
        await stage.person(name).joins()
    await stage.settled()
    return Watcher(stage, f"{who}@example.org")


def session(stage: Stage, who: str = "ada") -> object:
    found = stage.gateway.get_session_from_jid(JID(f"{who}@example.org"))
    assert found is not None
    return found


__all__ = ["CYD", "DAN", "Watcher", "kind", "member", "registered", "session", "subscribes"]
