"""Configuring a room (XEP-0045 §10.2, §16.5.3)."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import conformance.asking as ask
from conformance.client import Client
from conformance.reading import (
    NotOffered,
    codes,
    expect_refusal,
    expect_result,
    features,
    find,
    item,
    values,
)
from conformance.registry import requirement
from conformance.scene import CONFIG, Scene, Values
from conformance.xml import condition_of

SUBMIT = ask.owner(ask.form({"muc#roomconfig_roomname": "Taken over"}, "muc#roomconfig"))


async def told(*people: Client, code: str) -> None:
    """The room has told everybody this status code in a message."""
    for person in people:
        await person.expect(
            f"<message type='groupchat' from='{{room}}'><x><status code='{code}'/></x></message>"
        )


@requirement("CONF-01", "A-030", "FIELD-01")
async def an_owner_gets_the_form_filled_in(scene: Scene) -> None:
    ada = await scene.create(roomname="Garden")
    answer = expect_result(await ada.iq(ask.owner(kind="get")))
    form = find(answer, "owner:query/data:x")
    assert form.get("type") == "form"
    filled = values(await fields(scene, ada))
    assert filled["FORM_TYPE"] == [CONFIG]
    assert filled["muc#roomconfig_roomname"] == ["Garden"]


async def fields(scene: Scene, owner: Client) -> list[ET.Element]:
    return list((await scene.form(owner)).values())


@requirement("CONF-02", "A-084", "AFF-07")
async def others_neither_see_nor_change_it(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao", roomname="Garden")
    for wish in (ask.owner(kind="get"), SUBMIT):
        expect_refusal(await bao.iq(wish), "forbidden", "auth")
    assert values(await fields(scene, ada))["muc#roomconfig_roomname"] == ["Garden"]


@requirement("CONF-04", "CONF-15", "A-031")
async def what_is_not_in_the_submission_stays(scene: Scene) -> None:
    ada = await scene.create(roomname="Garden", roomdesc="Flowers")
    await scene.configure(ada, {"roomdesc": "Trees"})
    filled = values(await fields(scene, ada))
    assert filled["muc#roomconfig_roomname"] == ["Garden"]
    assert filled["muc#roomconfig_roomdesc"] == ["Trees"]


@requirement("A-032", "FIELD-22")
async def the_whole_form_goes_back_with_one_field_changed(scene: Scene) -> None:
    ada = await scene.create(moderatedroom="0")
    filled = values(await fields(scene, ada))
    whole = {name: given for name, given in filled.items() if name and name != "FORM_TYPE"}
    whole["muc#roomconfig_moderatedroom"] = ["1"]
    expect_result(await ada.iq(scene.submission(whole)))
    after = values(await fields(scene, ada))
    assert after["muc#roomconfig_moderatedroom"] in (["1"], ["true"])
    assert "muc_moderated" in features(await scene.info(ada))


@requirement("CONF-06")
async def cancelling_changes_nothing(scene: Scene) -> None:
    ada = await scene.create(roomname="Garden")
    expect_result(await ada.iq(scene.submission({}, kind="cancel")))
    assert values(await fields(scene, ada))["muc#roomconfig_roomname"] == ["Garden"]


@requirement("CONF-08")
async def fields_nobody_knows_are_ignored(scene: Scene) -> None:
    ada = await scene.create()
    unknown = {"urn:example:field": "x", "muc#roomconfig_roomname": "Garden"}
    expect_result(await ada.iq(scene.submission(unknown)))
    assert values(await fields(scene, ada))["muc#roomconfig_roomname"] == ["Garden"]


@requirement("CONF-10", "FIELD-19", "A-195")
async def admins_are_a_field(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await scene.configure(ada, {"roomadmins": bao.bare})
    seen = await bao.expect("<presence from='{bao}'><x><item affiliation='admin'/></x></presence>")
    assert item(seen).get("role") == "moderator"
    field = (await scene.form(ada))["muc#roomconfig_roomadmins"]
    assert field.get("type") == "jid-multi"
    assert values([field])["muc#roomconfig_roomadmins"] == [bao.bare]


@requirement("CONF-10", "FIELD-20", "A-198")
async def owners_are_a_field(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await scene.configure(ada, {"roomowners": [ada.bare, bao.bare]})
    await bao.expect("<presence from='{bao}'><x><item affiliation='owner'/></x></presence>")
    field = (await scene.form(ada))["muc#roomconfig_roomowners"]
    assert field.get("type") == "jid-multi"
    assert set(values([field])["muc#roomconfig_roomowners"]) == {ada.bare, bao.bare}


@requirement("CONF-12", "CODE-322", "A-236", "A-102")
async def a_room_becoming_for_members_puts_the_others_out(scene: Scene) -> None:
    ada = await scene.create(membersonly="0")
    await scene.affiliate(ada, "cyd", "member")
    cyd = await scene.seat("cyd", ada)
    bao = await scene.seat("bao", ada, cyd)
    if item_of_bao_is_member(bao):
        raise NotOffered("whoever comes is a member")
    await scene.configure(ada, {"membersonly": "1"})
    for person in (bao, ada, cyd):
        seen = await person.expect("<presence type='unavailable' from='{bao}'/>")
        assert "322" in codes(seen)
        assert "110" in codes(seen) or person is not bao
    await cyd.hears_nothing("<presence type='unavailable'/>", until=scene.settle(ada, cyd))


def item_of_bao_is_member(bao: Client) -> bool:
    own = [s for s in bao.inbox.everything if "110" in codes(s)]
    return item(own[-1]).get("affiliation") == "member"


@requirement("CONF-13", "CODE-172", "CODE-173", "A-229", "A-230")
async def everybody_is_told_who_sees_addresses(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao", whois="moderators")
    await scene.configure(ada, {"whois": "anyone"})
    await told(ada, bao, code="172")
    await scene.configure(ada, {"whois": "moderators"})
    await told(ada, bao, code="173")


@requirement("CONF-13", "CODE-170", "CODE-171", "A-227", "A-228", "FIELD-04", "A-183")
async def everybody_is_told_of_logging(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao", enablelogging="0")
    await scene.configure(ada, {"enablelogging": "1"})
    await told(ada, bao, code="170")
    await scene.configure(ada, {"enablelogging": "0"})
    await told(ada, bao, code="171")


@requirement("CONF-14", "CODE-104", "A-225")
async def everybody_is_told_of_other_changes(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await scene.configure(ada, {"roomdesc": "Trees"})
    await told(ada, bao, code="104")


@requirement("XML-05", "A-258")
async def a_form_of_another_kind(scene: Scene) -> None:
    ada = await scene.create(roomname="Garden")
    wrong = ask.form({"muc#roomconfig_roomname": "Other"}, "muc#register")
    answer = await ada.iq(ask.owner(wrong))
    assert condition_of(answer) in ("bad-request", "not-acceptable")
    assert values(await fields(scene, ada))["muc#roomconfig_roomname"] == ["Garden"]


# The fields of the registry: offered as what they are, and kept.


async def keeps(scene: Scene, name: str, kind: str, *given: Values) -> None:
    """A field of this type takes these values, or lists of values, one after the other."""
    ada = await scene.create()
    full = scene.field(name)
    form = await scene.form(ada)
    if full not in form:
        raise NotOffered(f"the form has no {full}")
    assert form[full].get("type") == kind
    for value in given:
        await scene.configure(ada, {name: value})
        now = values([(await scene.form(ada))[full]])[full]
        if isinstance(value, str):
            same = {"1": ["1", "true"], "0": ["0", "false", ""]}.get(value, [value])
            assert (now or [""])[0] in same, f"{full} is {now}, not {value}"
        else:
            assert set(now) == set(value), f"{full} is {now}, not {value}"


@requirement("FIELD-01", "A-197")
async def the_name(scene: Scene) -> None:
    await keeps(scene, "roomname", "text-single", "Garden", "Orchard")


@requirement("FIELD-02", "A-196")
async def the_description(scene: Scene) -> None:
    await keeps(scene, "roomdesc", "text-single", "Flowers", "")


@requirement("FIELD-03", "A-185")
async def the_language(scene: Scene) -> None:
    await keeps(scene, "lang", "text-single", "de", "fr")


@requirement("FIELD-04", "A-183")
async def whether_it_is_logged(scene: Scene) -> None:
    await keeps(scene, "enablelogging", "boolean", "1", "0")


@requirement("FIELD-05", "A-182")
async def whether_participants_change_the_subject(scene: Scene) -> None:
    await keeps(scene, "changesubject", "boolean", "1", "0")


@requirement("FIELD-06", "A-180")
async def whether_members_invite(scene: Scene) -> None:
    await keeps(scene, "allowinvites", "boolean", "1", "0")


@requirement("FIELD-07", "A-181")
async def who_whispers(scene: Scene) -> None:
    await keeps(scene, "allowpm", "list-single", "moderators", "none", "anyone")


@requirement("FIELD-08", "A-187")
async def how_many_fit_in(scene: Scene) -> None:
    await keeps(scene, "maxusers", "list-single", "10", "50")


@requirement("FIELD-09", "A-192")
async def whose_presence_is_shown(scene: Scene) -> None:
    await keeps(scene, "presencebroadcast", "list-multi", ["moderator", "participant"])


@requirement("FIELD-09", "A-192", "JOIN-05")
async def a_role_that_is_not_shown_is_not_seen(scene: Scene) -> None:
    ada = await scene.create(presencebroadcast=["moderator"])
    cyd = await scene.client("cyd")
    await scene.join("cyd", cyd)
    bao = await scene.client("bao")
    joined = await scene.join("bao", bao)
    assert scene.nick("cyd") not in {p.get("from", "").partition("/")[2] for p in joined.presences}
    await cyd.hears_nothing("<presence from='{bao}'/>", until=scene.settle(ada, cyd))


@requirement("FIELD-10", "A-184")
async def who_reads_the_member_list(scene: Scene) -> None:
    await keeps(scene, "getmemberlist", "list-multi", ["moderator"])


@requirement("FIELD-11", "A-193")
async def whether_it_is_listed(scene: Scene) -> None:
    await keeps(scene, "publicroom", "boolean", "1", "0")


@requirement("FIELD-13", "A-189")
async def whether_it_is_moderated(scene: Scene) -> None:
    await keeps(scene, "moderatedroom", "boolean", "1", "0")


@requirement("FIELD-14", "A-188")
async def whether_it_is_for_members(scene: Scene) -> None:
    await keeps(scene, "membersonly", "boolean", "1", "0")


@requirement("FIELD-15", "A-190")
async def whether_there_is_a_password(scene: Scene) -> None:
    ada = await scene.create(passwordprotectedroom="1", roomsecret="sesame")
    field = (await scene.form(ada))["muc#roomconfig_passwordprotectedroom"]
    assert field.get("type") == "boolean"
    assert "muc_passwordprotected" in features(await scene.info(ada))
    await scene.configure(ada, {"passwordprotectedroom": "0"})
    assert "muc_unsecured" in features(await scene.info(ada))


@requirement("FIELD-16", "A-199")
async def the_password(scene: Scene) -> None:
    ada = await scene.create(**{"roomsecret": "sesame", "passwordprotectedroom?": "1"})
    field = (await scene.form(ada))["muc#roomconfig_roomsecret"]
    assert field.get("type") == "text-private"
    assert values([field])["muc#roomconfig_roomsecret"] == ["sesame"]


@requirement("FIELD-17", "A-200")
async def who_sees_addresses(scene: Scene) -> None:
    await keeps(scene, "whois", "list-single", "anyone", "moderators")


@requirement("FIELD-21", "A-194")
async def the_node_beside_the_room(scene: Scene) -> None:
    await keeps(scene, "pubsub", "text-single", "xmpp:pubsub.example.org?;node=garden")
