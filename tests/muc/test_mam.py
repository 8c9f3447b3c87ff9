"""Reading a room's archive (XEP-0313, XEP-0059), and what of it a join replays (§7.2.13)."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from gateway.muc import mam
from legacy_backend import GroupKind
from legacy_backend.events import MessagePosted
from tests.fake_network import EPOCH, FakeNetwork
from tests.muc.asking import iq_refusal
from tests.muc.reading import find, lacks, stanza_id
from tests.muc.saying import G1
from tests.stage import Person, Stage

RSM = "http://jabber.org/protocol/rsm"


def ask(fields: str = "", rsm: str = "", more: str = "", queryid: str = "") -> str:
    form = (
        "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'>"
        f"<value>urn:xmpp:mam:2</value></field>{fields}</x>"
        if fields
        else ""
    )
    page = f"<set xmlns='{RSM}'>{rsm}</set>" if rsm else ""
    id_ = f" queryid='{queryid}'" if queryid else ""
    return (
        f"<iq type='set' id='k1' to='{{room}}'><query xmlns='urn:xmpp:mam:2'{id_}>"
        f"{form}{page}{more}</query></iq>"
    )


def field(name: str, *values: str) -> str:
    return f"<field var='{name}'>{''.join(f'<value>{v}</value>' for v in values)}</field>"


async def read(person: Person, query: str) -> tuple[list[str], ET.Element, list[str]]:
    """What was said on a page, its `fin`, and the ids."""
    person.sends(query)
    heard = await person.has_heard()
    assert heard[-1].get("id") == "k1", ET.tostring(heard[-1])
    assert heard[-1].get("type") == "result", ET.tostring(heard[-1])
    bodies = [find(s, "body").text or "" for s in heard[:-1]]
    return bodies, find(heard[-1], "fin"), [find(s, "result").get("id", "") for s in heard[:-1]]


def edges(fin: ET.Element) -> tuple[str | None, str | None, str | None]:
    found = fin.find(f"{{{RSM}}}set")
    assert found is not None
    return tuple(found.findtext(f"{{{RSM}}}{n}") for n in ("first", "last", "count"))  # type: ignore[return-value]


async def room_of_ten(stage: Stage, network: FakeNetwork, **config: GroupKind) -> Person:
    """ada is in, where CYD and DAN took turns in saying 0 to 9, one a second."""
    stage.group("ada", "CYD", "DAN", **config)
    for number in range(10):
        at = EPOCH + timedelta(seconds=number)
        network.says("g1", "CYD" if number % 2 == 0 else "DAN", str(number), at=at)
    ada = stage.person("ada")
    await ada.joins()
    await ada.has_heard()
    return ada


TEN = [str(n) for n in range(10)]


@pytest.mark.requirement("MAM-01", "MAM-02", "MAM-03", "MAM-04", "MAM-05", "MAM-06", "MAM-18",
                         "MAM-19", "MAM-21", "MAM-29", "HIST-13", "COMP-05", "G-033",
                         "G-050")  # fmt: skip
async def test_mam_03_everything_oldest_first_then_the_result(
    stage: Stage, network: FakeNetwork
) -> None:
    ada = await room_of_ten(stage, network)
    bodies, fin, ids = await read(ada, ask(queryid="q7"))
    assert bodies == TEN
    assert len(set(ids)) == 10
    assert fin.get("complete") == "true"
    assert fin.get("stable") is None
    assert edges(fin) == (ids[0], ids[-1], "10")
    ada.sends(ask(queryid="q7"))
    (first, *_) = await ada.has_heard()
    assert first.get("from") == stage.room
    assert find(first, "result").get("queryid") == "q7"
    assert find(first, "delay").get("stamp") == "2026-01-01T12:00:00.000Z"
    forwarded = first.find(".//{jabber:client}message")
    assert forwarded is not None
    assert forwarded.get("to") is None
    assert forwarded.get("from") == f"{stage.room}/CYD"
    assert stanza_id(forwarded) == ids[0]
    assert len(forwarded.findall("{http://jabber.org/protocol/muc#user}x")) == 1
    assert find(forwarded, "item").get("jid") == f"{stage.contact('CYD')}/sluice"


@pytest.mark.requirement("RSM-01", "RSM-02", "RSM-03", "RSM-05", "MAM-17", "TRAP-11")
async def test_rsm_02_pages_in_both_directions(stage: Stage, network: FakeNetwork) -> None:
    ada = await room_of_ten(stage, network)
    bodies, fin, ids = await read(ada, ask(rsm="<max>4</max>"))
    assert (bodies, fin.get("complete"), edges(fin)[2]) == (TEN[:4], None, "10")
    bodies, fin, ids = await read(ada, ask(rsm=f"<max>4</max><after>{ids[-1]}</after>"))
    assert (bodies, fin.get("complete"), edges(fin)[2]) == (TEN[4:8], None, "10")
    bodies, fin, ids = await read(ada, ask(rsm=f"<max>4</max><after>{ids[-1]}</after>"))
    assert (bodies, fin.get("complete")) == (TEN[8:], "true")
    bodies, fin, ids = await read(ada, ask(rsm="<max>4</max><before/>"))
    assert (bodies, fin.get("complete")) == (TEN[6:], None)
    bodies, fin, ids = await read(ada, ask(rsm=f"<max>4</max><before>{ids[0]}</before>"))
    assert bodies == TEN[2:6]
    bodies, fin, ids = await read(ada, ask(rsm=f"<max>4</max><before>{ids[0]}</before>"))
    assert (bodies, fin.get("complete")) == (TEN[:2], "true")
    bodies, fin, _ = await read(ada, ask(rsm=f"<before>{ids[0]}</before>"))
    assert (bodies, fin.get("complete")) == ([], "true")
    assert edges(fin)[:2] == (None, None)


@pytest.mark.requirement("RSM-04")
async def test_rsm_04_only_how_many(stage: Stage, network: FakeNetwork) -> None:
    ada = await room_of_ten(stage, network)
    bodies, fin, _ = await read(ada, ask(rsm="<max>0</max>"))
    assert bodies == []
    assert edges(fin) == (None, None, "10")
    bodies, fin, _ = await read(ada, ask(field("with", "{room}/CYD"), rsm="<max>0</max>"))
    assert edges(fin) == (None, None, "5")


@pytest.mark.parametrize(
    ("rsm", "condition", "kind"),
    [
        ("<max>many</max>", "bad-request", "modify"),
        ("<max>-1</max>", "bad-request", "modify"),
        ("<index>3</index>", "feature-not-implemented", "cancel"),
        ("<after>x</after><before>y</before>", "bad-request", "modify"),
        ("<after>unknown</after>", "item-not-found", "cancel"),
        ("<before>unknown</before>", "item-not-found", "cancel"),
    ],
)
@pytest.mark.requirement("RSM-06", "RSM-07", "RSM-08", "MAM-11", "TRAP-11")
async def test_mam_11_a_page_that_cannot_be(
    stage: Stage, network: FakeNetwork, rsm: str, condition: str, kind: str
) -> None:
    ada = await room_of_ten(stage, network)
    ada.sends(ask(rsm=rsm))
    await ada.hears_only(iq_refusal(condition, kind))


@pytest.mark.parametrize(
    ("fields", "bodies"),
    [
        (field("start", "2026-01-01T12:00:03Z"), TEN[3:]),
        (field("end", "2026-01-01T12:00:03Z"), TEN[:4]),
        (field("start", "2026-01-01T13:00:03+01:00"), TEN[3:]),
        (field("start", "2026-01-01T12:00:03Z") + field("end", "2026-01-01T12:00:05Z"), TEN[3:6]),
        (field("with", "{room}/CYD"), TEN[::2]),
        (field("with", "{@CYD}"), TEN[::2]),
        (field("with", "{@CYD}/sluice"), TEN[::2]),
        (field("with", "nobody@gw.example.org"), []),
        (field("with", "{room}/nobody"), []),
        (field("start", "2030-01-01T00:00:00Z"), []),
    ],
)  # fmt: skip
@pytest.mark.requirement("MAM-07", "MAM-20")
async def test_mam_08_by_time_and_author(
    stage: Stage, network: FakeNetwork, fields: str, bodies: list[str]
) -> None:
    ada = await room_of_ten(stage, network)
    found, fin, ids = await read(ada, ask(fields))
    assert found == bodies
    assert fin.get("complete") == "true"
    assert edges(fin)[:2] == ((ids[0], ids[-1]) if ids else (None, None))


@pytest.mark.requirement("MAM-07")
async def test_the_time_that_a_message_bears_is_the_end_of_a_search_for_it(
    stage: Stage, network: FakeNetwork
) -> None:
    stage.group("ada", "CYD")
    for microsecond in (678_000, 678_901, 679_000):
        network.says("g1", "CYD", f"{microsecond}", at=EPOCH.replace(microsecond=microsecond))
    ada = stage.person("ada")
    await ada.joins()
    await ada.has_heard()
    found, _, _ = await read(ada, ask(field("end", "2026-01-01T12:00:00.678Z")))
    assert found == ["678000", "678901"]


@pytest.mark.requirement("MAM-09")
async def test_mam_09_by_ids(stage: Stage, network: FakeNetwork) -> None:
    ada = await room_of_ten(stage, network)
    _, _, ids = await read(ada, ask())
    found, fin, _ = await read(ada, ask(field("after-id", ids[2])))
    assert (found, edges(fin)[2]) == (TEN[3:], "7")
    found, fin, _ = await read(ada, ask(field("before-id", ids[2])))
    assert (found, edges(fin)[2]) == (TEN[:2], "2")
    found, _, _ = await read(ada, ask(field("ids", ids[7], ids[1])))
    assert found == ["1", "7"]
    # a page of what the form chooses: neither bound is forgotten for the other
    both = field("after-id", ids[2]) + field("before-id", ids[8])
    found, fin, _ = await read(ada, ask(both, rsm=f"<max>2</max><after>{ids[4]}</after>"))
    assert (found, edges(fin)[2]) == (["5", "6"], "5")
    found, fin, _ = await read(ada, ask(both, rsm=f"<after>{ids[0]}</after>"))
    assert found == TEN[3:8]
    found, fin, _ = await read(ada, ask(both, rsm="<max>2</max><before/>"))
    assert found == ["6", "7"]


@pytest.mark.parametrize("name", ["after-id", "before-id", "ids"])
@pytest.mark.requirement("MAM-10")
async def test_mam_10_an_id_that_is_not_there(
    stage: Stage, network: FakeNetwork, name: str
) -> None:
    ada = await room_of_ten(stage, network)
    ada.sends(ask(field(name, "unknown")))
    await ada.hears_only(iq_refusal("item-not-found", "cancel"))


@pytest.mark.requirement("MAM-12")
async def test_mam_12_a_page_from_its_end(stage: Stage, network: FakeNetwork) -> None:
    ada = await room_of_ten(stage, network)
    bodies, fin, ids = await read(ada, ask(rsm="<max>3</max><before/>", more="<flip-page/>"))
    assert bodies == ["9", "8", "7"]
    assert edges(fin)[:2] == (ids[-1], ids[0])


@pytest.mark.requirement("MAM-13")
async def test_mam_13_where_it_begins_and_ends(stage: Stage, network: FakeNetwork) -> None:
    metadata = "<iq type='get' id='k1' to='{room}'><metadata xmlns='urn:xmpp:mam:2'/></iq>"
    ada = await room_of_ten(stage, network)
    _, _, ids = await read(ada, ask())
    ada.sends(metadata)
    await ada.hears_only(
        f"""<iq type='result' id='k1'><metadata xmlns='urn:xmpp:mam:2'>
        <start id='{ids[0]}' timestamp='2026-01-01T12:00:00.000Z'/>
        <end id='{ids[-1]}' timestamp='2026-01-01T12:00:09.000Z'/></metadata></iq>"""
    )
    stage.group("ada", id="g2")
    ada.sends(metadata, room="g2@gw.example.org")
    (answer,) = await ada.hears_only("<iq type='result' id='k1'/>")
    assert list(find(answer, "metadata")) == []


@pytest.mark.requirement("MAM-14")
async def test_mam_14_what_can_be_asked(stage: Stage, network: FakeNetwork) -> None:
    ada = await room_of_ten(stage, network)
    ada.sends("<iq type='get' id='k1' to='{room}'><query xmlns='urn:xmpp:mam:2'/></iq>")
    (answer,) = await ada.hears_only(
        """<iq type='result' id='k1'><query xmlns='urn:xmpp:mam:2'>
        <x xmlns='jabber:x:data' type='form'>
          <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:mam:2</value></field>
          <field var='with' type='jid-single'/><field var='start' type='text-single'/>
          <field var='end' type='text-single'/><field var='before-id' type='text-single'/>
          <field var='after-id' type='text-single'/>
          <field var='{urn:xmpp:fulltext:0}fulltext' type='text-single'/>
          <field var='ids' type='list-multi'>
            <validate xmlns='http://jabber.org/protocol/xdata-validate'><open/></validate>
          </field></x></query></iq>"""
    )
    lacks(answer, "required")
    lacks(answer, "option")


@pytest.mark.parametrize(
    ("fields", "condition", "kind"),
    [
        (field("made-up", "1"), "feature-not-implemented", "cancel"),
        (field("include-groupchat", "true"), "feature-not-implemented", "cancel"),
        (field("start", "yesterday"), "bad-request", "modify"),
        (field("end", "2026-01-01T12:00:00"), "bad-request", "modify"),
        (field("with", "@@"), "jid-malformed", "modify"),
    ],
)
@pytest.mark.requirement("MAM-15", "MAM-16", "MAM-07")
async def test_mam_15_a_question_that_is_none(
    stage: Stage, network: FakeNetwork, fields: str, condition: str, kind: str
) -> None:
    ada = await room_of_ten(stage, network)
    ada.sends(ask(fields))
    await ada.hears_only(iq_refusal(condition, kind))


@pytest.mark.requirement("MAM-08", "MAM-06")
async def test_mam_08_addresses_stay_unknown_where_people_are_anonymous(
    stage: Stage, network: FakeNetwork
) -> None:
    network.obeys("send")
    ada = await room_of_ten(stage, network, kind=GroupKind.ANONYMOUS)
    ada.sends("<message to='{room}' type='groupchat' id='m'><body>mine</body></message>")
    await ada.has_heard()
    assert (await read(ada, ask(field("with", "{@CYD}"))))[0] == []
    assert (await read(ada, ask(field("with", "ada@example.org"))))[0] == ["mine"]
    assert (await read(ada, ask(field("with", "{room}/CYD"))))[0] == TEN[::2]
    ada.sends(ask())
    for result in (await ada.has_heard())[:-1]:
        lacks(result, "item")


@pytest.mark.requirement("TRAP-11")
async def test_mam_21_many_messages_of_one_moment_keep_their_order(
    stage: Stage, network: FakeNetwork
) -> None:
    stage.group("ada", "CYD")
    for number in range(30):
        network.says("g1", "CYD", str(number), at=EPOCH)
    ada = stage.person("ada")
    await ada.joins()
    await ada.has_heard()
    told: list[str] = []
    page = "<max>7</max>"
    while True:
        bodies, fin, ids = await read(ada, ask(rsm=page))
        told += bodies
        if fin.get("complete") == "true":
            break
        page = f"<max>7</max><after>{ids[-1]}</after>"
    assert told == [str(n) for n in range(30)]


@pytest.mark.requirement("MAM-26", "TRAP-11", "AFF-03")
@pytest.mark.parametrize(
    ("who", "kind", "condition"),
    [
        ("bao:outcast", GroupKind.PUBLIC, "forbidden"),
        ("bao:outcast", GroupKind.PRIVATE, "forbidden"),
        ("bao:none", GroupKind.PRIVATE, "forbidden"),
    ],
)
async def test_mam_26_not_for_everybody(
    stage: Stage, network: FakeNetwork, who: str, kind: GroupKind, condition: str
) -> None:
    (ada,) = await stage.seated("ada", who, but="bao", kind=kind)
    stage.group("bao", id="g2")
    bao = stage.person("bao")
    await bao.joins(room="g2@gw.example.org")
    await bao.has_heard()
    for query in (
        ask(),
        "<iq type='get' id='k1' to='{room}'><metadata xmlns='urn:xmpp:mam:2'/></iq>",
    ):
        bao.sends(query)
        await bao.hears_only(iq_refusal(condition, "auth"))
    await ada.hears_nothing()


@pytest.mark.requirement("MAM-26")
async def test_mam_26_members_need_not_be_in(stage: Stage, network: FakeNetwork) -> None:
    ada = await room_of_ten(stage, network)
    ada.sends("<presence to='{room}/ada' type='unavailable'/>")
    await ada.has_heard()
    assert (await read(ada, ask()))[0] == TEN
    stranger = stage.person("eve")
    stranger.sends(ask())
    await stranger.hears_only(iq_refusal("registration-required", "auth"))


async def test_mam_23_the_id_is_the_one_of_the_live_message(
    stage: Stage, network: FakeNetwork
) -> None:
    (ada,) = await stage.seated("ada", "CYD")
    await network.tells(MessagePosted(group=G1, message=network.message("CYD", "Hi")))
    (live,) = await ada.hears_only("<message><body>Hi</body></message>")
    _, _, (id,) = await read(ada, ask())
    assert id == stanza_id(live)


@pytest.mark.requirement("MAM-30")
async def test_mam_30_questions_beside_each_other(stage: Stage, network: FakeNetwork) -> None:
    ada = await room_of_ten(stage, network)
    laptop = stage.person("ada", "laptop")
    _, _, ids = await read(ada, ask())
    ada.sends(ask(queryid="a"))
    ada.sends(ask(rsm=f"<max>3</max><after>{ids[5]}</after>", queryid="b"))
    ada.sends(ask(rsm=f"<max>2</max><before>{ids[3]}</before>", queryid="c"))
    laptop.sends(ask(queryid="a"))
    heard = await ada.has_heard()
    told: dict[str, list[str]] = {}
    for result in (s for s in heard if s.tag.endswith("}message")):
        query = find(result, "result").get("queryid", "")
        told.setdefault(query, []).append(find(result, "body").text or "")
    assert told == {"a": TEN, "b": TEN[6:9], "c": TEN[1:3]}
    assert len([s for s in heard if s.tag.endswith("}iq")]) == 3
    assert len(await laptop.has_heard()) == 11


@pytest.mark.requirement("MAM-31")
async def test_mam_31_a_long_page_lets_others_through(
    stage: Stage, network: FakeNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mam, "AT_ONCE", 2)
    ada, bao = await stage.seated("ada", "bao", "CYD")
    for number in range(100):
        message = network.message("CYD", str(number))
        await network.tells(MessagePosted(group=G1, message=message))
    await ada.has_heard()
    ada.sends(ask(rsm="<max>100</max>"))
    await ada.receives("<message><result xmlns='urn:xmpp:mam:2'/></message>")
    bao.sends("<iq type='get' id='p' to='{room}/bao'><ping xmlns='urn:xmpp:ping'/></iq>")
    await ada.receives("<iq type='result' id='k1'/>")
    sent = [s.get("id") for s in stage.wire.stanzas]
    assert sent.index("p") < sent.index("k1")


# History on join


@pytest.mark.parametrize(
    ("limits", "bodies"),
    [
        ("", TEN),
        ("maxstanzas='3'", TEN[7:]),
        ("maxstanzas='0'", []),
        ("maxchars='0'", []),
        ("maxchars='1'", []),
        ("seconds='4'", TEN[6:]),
        ("seconds='0'", []),
        ("since='2026-01-01T12:00:05Z'", TEN[5:]),
        ("since='1970-01-01T00:00:00Z'", TEN),
        ("since='nonsense' maxstanzas='many' seconds='-3'", TEN),
        ("since='2026-01-01T12:00:05Z' maxstanzas='2'", TEN[8:]),
        ("seconds='4' maxstanzas='99'", TEN[6:]),
        ("seconds='4' since='2026-01-01T12:00:08Z'", TEN[8:]),
    ],
)
@pytest.mark.requirement("HIST-01", "HIST-03", "HIST-04", "HIST-05", "HIST-06", "HIST-07",
                         "HIST-08", "HIST-09", "HIST-12", "A-012", "A-246", "DELAY-01")  # fmt: skip
async def test_hist_09_the_limits_of_what_is_replayed(
    stage: Stage, network: FakeNetwork, limits: str, bodies: list[str]
) -> None:
    ada = await room_of_ten(stage, network)
    host = stage.gateway.rooms.host
    host.now = lambda: EPOCH + timedelta(seconds=10)
    ada.sends(
        "<presence to='{room}/ada' id='j'><x xmlns='http://jabber.org/protocol/muc'>"
        f"<history {limits}/></x></presence>"
    )
    messages = [s for s in await ada.has_heard() if s.tag.endswith("}message")]
    assert [find(s, "body").text for s in messages[:-1]] == bodies
    find(messages[-1], "subject")
    for replayed in messages[:-1]:
        (delay,) = replayed.findall("{urn:xmpp:delay}delay")
        assert delay.get("from") == stage.room
        assert stanza_id(replayed)
        find(replayed, "occupant-id")


async def test_hist_04_whole_stanzas_that_fit(stage: Stage, network: FakeNetwork) -> None:
    ada = await room_of_ten(stage, network)
    join = "<presence to='{room}/ada'><x xmlns='http://jabber.org/protocol/muc'>{history}</x></presence>"
    ada.sends(join.replace("{history}", ""))
    sent: list[bytes] = []
    write = stage.wire.write
    stage.wire.write = lambda data: (sent.append(data), write(data))[1]  # type: ignore[method-assign]
    await ada.has_heard()
    one = len(b"".join(sent).split(b"<message")[-2]) + len("<message")
    for most, count in ((one * 2, 2), (one * 2 - 1, 1)):
        ada.sends(join.replace("{history}", f"<history maxchars='{most}'/>"))
        messages = [s for s in await ada.has_heard() if s.find("{*}body") is not None]
        assert [find(s, "body").text for s in messages] == TEN[10 - count :]


@pytest.mark.requirement("HIST-10")
async def test_hist_10_subjects_are_no_history(stage: Stage, network: FakeNetwork) -> None:
    network.obeys("set_subject", "send")
    ada, bao = await stage.seated("ada", "bao")
    ada.sends("<message to='{room}' type='groupchat' id='s'><subject>Tea</subject></message>")
    ada.sends("<message to='{room}' type='groupchat' id='m'><body>Hi</body></message>")
    await bao.receives("<message id='m'/>")
    bao.sends("<presence to='{room}/bao'><x xmlns='http://jabber.org/protocol/muc'/></presence>")
    heard = await bao.has_heard()
    assert len([s for s in heard if s.find("{*}subject") is not None]) == 1
    bodies = ask()
    bao.sends(bodies)
    assert len(await bao.has_heard()) == 3  # the archive has both


@pytest.mark.requirement("HIST-11")
@pytest.mark.parametrize("kind", [GroupKind.PRIVATE, GroupKind.ANONYMOUS])
async def test_hist_11_who_wrote_it_is_told_where_that_may_be_known(
    stage: Stage, network: FakeNetwork, kind: GroupKind
) -> None:
    ada = await room_of_ten(stage, network, kind=kind)
    ada.sends("<presence to='{room}/ada'><x xmlns='http://jabber.org/protocol/muc'/></presence>")
    history = [s for s in await ada.has_heard() if s.find("{*}body") is not None]
    assert len(history) == 10
    for message in history:
        if kind is GroupKind.ANONYMOUS:
            lacks(message, "addresses")
            continue
        addresses = message.find("{http://jabber.org/protocol/address}addresses")
        assert addresses is not None
        name = message.get("from", "").partition("/")[2]
        assert [(a.get("type"), a.get("jid")) for a in addresses] == [
            ("ofrom", f"{stage.contact(name)}/sluice")
        ]
