"""Whatever a room sends, in whatever order: the view stays whole, and no signal lies."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from slixmpp import Message, Presence

from conformance.xml import parse
from legacy_backend.xmpp.muc import RoomState, ServiceMember
from legacy_backend.xmpp.muc import messages as said
from legacy_backend.xmpp.muc import presences as seen
from legacy_backend.xmpp.muc.view import View
from tests.xmpp.line import DELAYED, ROOM

NICKS = st.sampled_from(["ada", "bao", "cyd", ""])
CODES = st.lists(
    st.sampled_from(["100", "110", "110", "201", "303", "307", "301", "x"]), max_size=3
)


@st.composite
def presence(draw: st.DrawFn) -> Presence:
    nick = draw(NICKS)
    sender = f"{ROOM}/{nick}" if nick else str(ROOM)
    kind = draw(st.sampled_from(["", "", " type='unavailable'"]))
    new = draw(st.sampled_from(["", " nick='cyd'", " nick='ada'", " nick=''", " nick='&#xFFFE;'"]))
    new = new.replace("&#xFFFE;", "\u2fff")
    role = draw(st.sampled_from(["none", "visitor", "participant", "king"]))
    codes = "".join(f"<status code='{code}'/>" for code in draw(CODES))
    item = draw(st.sampled_from([f"<item role='{role}' affiliation='member'{new}/>", ""]))
    xml = parse(
        f"<presence from='{sender}'{kind}>"
        f"<x xmlns='http://jabber.org/protocol/muc#user'>{item}{codes}</x></presence>"
    )
    return Presence(xml=xml)


@st.composite
def message(draw: st.DrawFn) -> Message:
    nick = draw(NICKS)
    sender = f"{ROOM}/{nick}" if nick else str(ROOM)
    inner = draw(st.sampled_from(["<body>b</body>", "<subject>s</subject>", "<subject/>", ""]))
    delay = draw(st.sampled_from(["", DELAYED]))
    return Message(xml=parse(f"<message type='groupchat' from='{sender}'>{inner}{delay}</message>"))


@given(st.lists(st.one_of(presence(), message()), max_size=30))
def test_the_view_stays_whole(stanzas: list[Presence | Message]) -> None:
    view, service = View(ROOM, "ada"), ServiceMember(ROOM)
    there: set[int] = set()
    kept: list[object] = []  # or their ids would be given anew
    for stanza in stanzas:
        was_in = view.joined
        if isinstance(stanza, Presence):
            told = list(seen.take(view, stanza))
        else:
            told = list(said.take(view, service, stanza))
        for one in told:
            match one.signal:
                case "on_join":
                    assert id(one.args[0]) not in there
                    kept.append(one.args[0])
                    there.add(id(one.args[0]))
                case "on_leave":
                    there.remove(id(one.args[0]))
                case "on_exit":
                    assert was_in
        assert all(one.nick == nick for nick, one in view.occupants.items())
        assert sum(one.is_self for one in view.occupants.values()) == view.active
        assert view.active == (view.state in (RoomState.HISTORY, RoomState.ACTIVE))
        if view.active:
            assert view.me is not None
            assert view.occupants.get(view.nick) is view.me
            assert view.members()[0] is view.me
