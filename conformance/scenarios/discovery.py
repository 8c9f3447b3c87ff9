"""What services and rooms tell of themselves (XEP-0045 §6, XEP-0030)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from conformance.asking import subject
from conformance.client import Client
from conformance.reading import (
    NotOffered,
    expect_refusal,
    expect_result,
    features,
    find,
    lacks,
    roominfo,
)
from conformance.registry import requirement
from conformance.scene import Scene
from conformance.xml import PREFIXES, condition_of

MUC = "http://jabber.org/protocol/muc"
STABLE = f"{MUC}#stable_id"


async def items(client: Client, to: str = "{service}", inner: str = "") -> ET.Element:
    return await client.iq(
        f"<iq type='get' to='{to}'>"
        f"<query xmlns='http://jabber.org/protocol/disco#items'>{inner}</query></iq>"
    )


def known_node(answer: ET.Element) -> ET.Element:
    """The result about a node. Raises NotOffered if the room does not know it."""
    if condition_of(answer) == "item-not-found":
        raise NotOffered("the answer is item-not-found")
    return expect_result(answer)


def addresses(answer: ET.Element) -> list[str]:
    return [one.get("jid", "") for one in answer.iterfind("items:query/items:item", PREFIXES)]


@requirement("DISCO-01", "DISCO-02", "DSC-01")
async def the_service_says_that_it_has_rooms(scene: Scene) -> None:
    ada = await scene.client("ada")
    info = expect_result(await scene.info(ada, "{service}"))
    find(info, "info:query/info:identity[@category='conference'][@type='text']")
    assert {MUC, PREFIXES["info"]} <= features(info)


@requirement("DISCO-03")
async def the_server_lists_the_service(scene: Scene) -> None:
    ada = await scene.client("ada")
    assert scene.service.jid in addresses(await items(ada, "{domain}"))


@requirement("DISCO-04", "A-193")
async def public_rooms_are_listed_and_hidden_ones_are_not(scene: Scene) -> None:
    # Cyd comes in to show whether this room is there for other accounts at all.
    ada, _ = await scene.enter("ada", "cyd", publicroom="1", roomname="Open house")
    bao = await scene.client("bao")
    listed = expect_result(await items(bao))
    assert scene.room in addresses(listed)
    room = find(listed, f"items:query/items:item[@jid='{scene.room}']")
    assert (room.get("name") or "").startswith("Open house")
    assert "muc_public" in features(await scene.info(ada))
    await scene.configure(ada, {"publicroom": "0"})
    # Some services change the list a moment later.
    still = addresses(await items(bao))
    for _ in range(50):
        if scene.room not in still:
            break
        still = addresses(await items(bao))
    assert scene.room not in still
    assert "muc_hidden" in features(await scene.info(ada))


@requirement("DISCO-05")
async def long_lists_come_in_pages(scene: Scene) -> None:
    ada = await scene.create(publicroom="1")
    page = expect_result(
        await items(ada, inner="<set xmlns='http://jabber.org/protocol/rsm'><max>1</max></set>")
    )
    if page.find("items:query/rsm:set", PREFIXES) is None:
        raise NotOffered("the list has no <set/>")
    assert len(addresses(page)) == 1
    find(page, "items:query/rsm:set/rsm:first")
    find(page, "items:query/rsm:set/rsm:last")


@requirement("DISCO-06", "INFO-01", "A-050", "A-197")
async def a_room_says_its_name(scene: Scene) -> None:
    ada = await scene.create(roomname="Garden")
    info = expect_result(await scene.info(ada))
    identity = find(info, "info:query/info:identity[@category='conference']")
    assert (identity.get("type"), identity.get("name")) == ("text", "Garden")
    assert MUC in features(info)
    assert roominfo(info), "there is no form muc#roominfo"


@requirement("DISCO-07")
async def stable_ids_are_advertised_on_rooms_that_keep_them(scene: Scene) -> None:
    (ada,) = await scene.enter("ada")
    await scene.needs(ada, STABLE)
    sent = await ada.say(scene.room, "Mine")
    mine = await ada.expect("<message from='{ada}'><body>Mine</body></message>")
    assert mine.get("id") == sent


async def exactly_one(scene: Scene, *pair: str) -> None:
    ada = await scene.create()
    found = features(await scene.info(ada)) & set(pair)
    assert len(found) == 1, f"not exactly one of {pair}, but {found}"


@requirement("DISCO-08")
async def a_room_is_public_or_hidden(scene: Scene) -> None:
    await exactly_one(scene, "muc_hidden", "muc_public")


@requirement("DISCO-09")
async def a_room_is_open_or_for_members(scene: Scene) -> None:
    await exactly_one(scene, "muc_membersonly", "muc_open")


@requirement("DISCO-10")
async def a_room_is_moderated_or_not(scene: Scene) -> None:
    await exactly_one(scene, "muc_moderated", "muc_unmoderated")


@requirement("DISCO-11")
async def a_room_is_semianonymous_or_nonanonymous(scene: Scene) -> None:
    await exactly_one(scene, "muc_semianonymous", "muc_nonanonymous")


@requirement("DISCO-12")
async def a_room_has_a_password_or_not(scene: Scene) -> None:
    await exactly_one(scene, "muc_passwordprotected", "muc_unsecured")


@requirement("DISCO-13")
async def a_room_is_persistent_or_temporary(scene: Scene) -> None:
    await exactly_one(scene, "muc_persistent", "muc_temporary")


@requirement("DISCO-15")
async def features_follow_the_configuration(scene: Scene) -> None:
    ada = await scene.create(membersonly="0", moderatedroom="0", whois="moderators")
    before = {"muc_open", "muc_unmoderated", "muc_semianonymous"}
    assert before <= features(await scene.info(ada))
    await scene.configure(ada, {"membersonly": "1", "moderatedroom": "1", "whois": "anyone"})
    after = {"muc_membersonly", "muc_moderated", "muc_nonanonymous"}
    now = features(await scene.info(ada))
    assert after <= now
    assert not before & now


@requirement("DISCO-16", "DSC-04")
async def items_of_a_room_are_its_occupants_or_none(scene: Scene) -> None:
    ada, _bao = await scene.enter("ada", "bao")
    answer = expect_result(await items(ada, "{room}"))
    everybody = {scene.occupant("ada"), scene.occupant("bao")}
    assert set(addresses(answer)) in (set(), everybody)
    for one in answer.iterfind("items:query/items:item", PREFIXES):
        assert set(one.attrib) <= {"jid", "name", "node"}
        assert len(one) == 0


@requirement("DISCO-17")
async def outsiders_learn_nothing_of_an_occupant(scene: Scene) -> None:
    await scene.enter("ada", "bao")
    cyd = await scene.client("cyd")
    expect_refusal(await scene.info(cyd, "{bao}"), "bad-request", "modify")


@requirement("DISCO-18", "IQ-02")
async def an_occupant_can_ask_another_ones_client(scene: Scene) -> None:
    _ada, bao, _cyd = await scene.enter("ada", "bao", "cyd")
    answer = expect_result(await scene.info(bao, "{cyd}"))
    assert answer.get("from") == scene.occupant("cyd")
    assert scene.jid("cyd") not in ET.tostring(answer, "unicode")


@requirement("DISCO-19")
async def a_room_that_is_not_there(scene: Scene) -> None:
    ada = await scene.client("ada")
    expect_refusal(await scene.info(ada), "item-not-found", "cancel")


@requirement("DISCO-20", "NICK-10")
async def the_reserved_nick_can_be_asked_for(scene: Scene) -> None:
    ada = await scene.create()
    answer = known_node(await scene.info(ada, node="x-roomuser-item"))
    for identity in answer.iterfind("info:query/info:identity", PREFIXES):
        assert (identity.get("category"), identity.get("type")) == ("conference", "text")
        assert identity.get("name")


@requirement("DISCO-21")
async def what_is_stripped_from_stanzas_can_be_asked_for(scene: Scene) -> None:
    ada = await scene.create()
    answer = await scene.info(ada, node=f"{MUC}#traffic")
    # This one says that nothing is stripped.
    if condition_of(answer) != "service-unavailable":
        known_node(answer)


@requirement("DISCO-22")
async def an_answer_about_a_node_names_the_node(scene: Scene) -> None:
    ada = await scene.create()
    answer = known_node(await scene.info(ada, node="x-roomuser-item"))
    assert find(answer, "info:query").get("node") == "x-roomuser-item"


@requirement("DISCO-24")
async def a_hidden_rooms_occupants_stay_hidden(scene: Scene) -> None:
    await scene.create(publicroom="0")
    bao = await scene.client("bao")
    answer = await items(bao, "{room}")
    assert answer.get("type") == "error" or addresses(answer) == []


@requirement("DSC-03")
async def an_unknown_node(scene: Scene) -> None:
    ada = await scene.create()
    expect_refusal(await scene.info(ada, node="urn:example:nothing"), "item-not-found")


@requirement("DSC-05")
async def the_form_of_a_room_is_a_result_with_a_hidden_type(scene: Scene) -> None:
    ada = await scene.create()
    info = await scene.info(ada)
    forms = info.findall("info:query/data:x", PREFIXES)
    if not forms:
        raise NotOffered("there is no form")
    for form in forms:
        assert form.get("type") == "result"
        assert find(form, "data:field[@var='FORM_TYPE']").get("type") == "hidden"


# muc#roominfo (§16.5.4)


async def told(scene: Scene, client: Client, *names: str) -> list[str]:
    """The values of a field of muc#roominfo. Raises NotOffered if it has none of these names."""
    form = roominfo(await scene.info(client))
    for name in names:
        if name in form:
            return form[name]
    raise NotOffered(f"muc#roominfo has no {names[0]}")


@requirement("INFO-02", "A-202")
async def the_description(scene: Scene) -> None:
    ada = await scene.create(roomdesc="Flowers")
    assert await told(scene, ada, "muc#roominfo_description") == ["Flowers"]


@requirement("INFO-03", "A-201")
async def whom_to_turn_to(scene: Scene) -> None:
    ada = await scene.create()
    assert scene.jid("ada") in await told(scene, ada, "muc#roominfo_contactjid")


@requirement("INFO-04", "A-208")
async def the_subject(scene: Scene) -> None:
    ada = await scene.create()
    await ada.send(subject("Roses"))
    await ada.expect("<message from='{ada}'><subject>Roses</subject></message>")
    assert await told(scene, ada, "muc#roominfo_subject") == ["Roses"]


@requirement("INFO-05", "A-209")
async def whether_participants_change_the_subject(scene: Scene) -> None:
    ada = await scene.create(changesubject="1")
    name = "muc#roominfo_subjectmod"
    assert await told(scene, ada, name) in (["1"], ["true"])
    await scene.configure(ada, {"changesubject": "0"})
    assert await told(scene, ada, name) in (["0"], ["false"])


@requirement("INFO-06")
async def whether_participants_change_the_subject_under_the_name_of_the_setting(
    scene: Scene,
) -> None:
    ada = await scene.create(changesubject="1")
    assert await told(scene, ada, "muc#roomconfig_changesubject") in (["1"], ["true"])


@requirement("INFO-07", "A-207")
async def how_many_are_in(scene: Scene) -> None:
    ada, _ = await scene.enter("ada", "bao")
    assert await told(scene, ada, "muc#roominfo_occupants") == ["2"]


@requirement("INFO-08", "A-203")
async def the_language(scene: Scene) -> None:
    ada = await scene.create(lang="de")
    assert await told(scene, ada, "muc#roominfo_lang") == ["de"]


@requirement("INFO-11", "A-206")
async def how_much_history_there_may_be(scene: Scene) -> None:
    ada = await scene.create()
    (most,) = await told(scene, ada, "muc#maxhistoryfetch")
    assert most.isdecimal()


@requirement("XPING-01", "PING-05", "IQ-01")
async def service_and_room_answer_a_ping(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    for to in ("{service}", "{room}"):
        answer = await ada.iq(f"<iq type='get' to='{to}'><ping xmlns='urn:xmpp:ping'/></iq>")
        expect_result(answer)
    await bao.hears_nothing("<iq/>", until=scene.settle(ada, bao))


@requirement("COMP-06")
async def questions_nobody_knows_are_answered(scene: Scene) -> None:
    ada = await scene.create()
    for to in ("{service}", "{room}"):
        answer = await ada.iq(f"<iq type='get' to='{to}'><query xmlns='urn:example:what'/></iq>")
        assert condition_of(answer) in ("service-unavailable", "feature-not-implemented")
        lacks(answer, "c:error/stanzas:internal-server-error")
