"""What admins do: bans, members (XEP-0045 §9)."""

from __future__ import annotations

import conformance.asking as ask
from conformance.client import Client
from conformance.reading import codes, expect_refusal, expect_result, find, item
from conformance.registry import requirement
from conformance.scene import Scene
from conformance.xml import PREFIXES, condition_of

BAN = ask.admin("<item affiliation='outcast' jid='{bao_jid}'><reason>Treason</reason></item>")
GONE = "<presence type='unavailable' from='{bao}'><x><item role='none'/></x></presence>"


async def listed(who: Client, affiliation: str) -> dict[str, dict[str, str]]:
    """Bare JID → the attributes of its entry in a list."""
    answer = expect_result(await who.iq(ask.listing("affiliation", affiliation)))
    items = answer.findall("admin:query/admin:item", PREFIXES)
    return {one.get("jid", ""): dict(one.attrib) for one in items}


async def with_admin(scene: Scene) -> tuple[Client, Client]:
    """Ada, and bao who is an admin."""
    ada, bao = await scene.enter("ada", "bao")
    await scene.affiliate(ada, "bao", "admin")
    for person in (ada, bao):
        await person.expect(
            "<presence from='{bao}'><x><item affiliation='admin' role='moderator'/></x></presence>"
        )
    return ada, bao


@requirement("ADM-01", "AFF-07", "A-036", "A-084")
async def others_may_not(scene: Scene) -> None:
    ada, bao, cyd = await scene.enter("ada", "bao", "cyd")
    for affiliation in ("outcast", "member", "admin", "owner"):
        no = await bao.iq(ask.admin(f"<item jid='{{cyd_jid}}' affiliation='{affiliation}'/>"))
        expect_refusal(no, "forbidden", "auth")
    await cyd.hears_nothing("<presence/>", until=scene.settle(ada, cyd))


@requirement("BAN-01", "BAN-02", "BAN-03", "BAN-04", "CODE-301", "AFF-04", "A-070", "A-113")
@requirement("A-232", "A-091")
async def the_banned_are_put_out(scene: Scene) -> None:
    ada, bao, cyd = await scene.enter("ada", "bao", "cyd")
    expect_result(await ada.iq(BAN))
    for person in (bao, ada, cyd):
        seen = await person.expect(GONE)
        assert "301" in codes(seen)
        assert item(seen).get("affiliation") == "outcast"
        assert find(item(seen), "user:reason").text == "Treason"
        assert "110" in codes(seen) or person is not bao
    await cyd.hears_nothing("<presence from='{bao}'/>", until=scene.settle(ada, cyd))


@requirement("BAN-05")
async def an_admin_cannot_ban_an_owner(scene: Scene) -> None:
    ada, bao = await with_admin(scene)
    no = await bao.iq(ask.admin("<item affiliation='outcast' jid='{ada_jid}'/>"))
    expect_refusal(no, "not-allowed", "cancel")
    await ada.hears_nothing("<presence/>", until=scene.settle(ada, bao))


@requirement("BAN-06")
async def nobody_bans_themselves(scene: Scene) -> None:
    ada, _ = await with_admin(scene)
    no = await ada.iq(ask.admin("<item affiliation='outcast' jid='{ada_jid}'/>"))
    expect_refusal(no, "conflict", "cancel")


@requirement("BAN-08", "OWN-07")
async def the_ban_list_has_addresses_and_no_nicks(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    expect_result(await ada.iq(BAN))
    await bao.expect(GONE)
    entries = await listed(ada, "outcast")
    assert entries == {bao.bare: {"affiliation": "outcast", "jid": bao.bare}}


@requirement("BAN-09")
async def the_ban_list_is_changed_by_differences(scene: Scene) -> None:
    ada = await scene.create()
    both = [f"<item affiliation='outcast' jid='{{{one}_jid}}'/>" for one in ("bao", "cyd")]
    scene.known(await ada.iq(ask.admin(*both)))
    assert set(await listed(ada, "outcast")) == {scene.jid("bao"), scene.jid("cyd")}
    await scene.affiliate(ada, "bao", "none")
    assert set(await listed(ada, "outcast")) == {scene.jid("cyd")}


@requirement("MEM-01", "MEM-02", "MEM-09", "AFF-04", "A-033", "A-083", "A-111")
async def a_member_is_made_and_unmade(scene: Scene) -> None:
    ada, bao, cyd = await scene.enter("ada", "bao", "cyd")
    for affiliation in ("member", "none"):
        await scene.affiliate(ada, "bao", affiliation)
        for person in (ada, bao, cyd):
            seen = await person.expect(
                f"<presence from='{{bao}}'><x><item affiliation='{affiliation}'/></x></presence>"
            )
            assert ("110" in codes(seen)) == (person is bao)


@requirement("A-033", "A-083")
async def one_need_not_be_inside_to_run_a_room(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    phone = await scene.client("ada")
    await scene.affiliate(phone, "bao", "member")
    for person in (ada, bao):
        await person.expect("<presence from='{bao}'><x><item affiliation='member'/></x></presence>")
    assert scene.jid("bao") in await listed(phone, "member")


@requirement("A-035")
async def the_reason_is_told(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    why = "<reason>Worthy</reason>"
    answer = await ada.iq(ask.admin(f"<item jid='{{bao_jid}}' affiliation='member'>{why}</item>"))
    expect_result(answer)
    for person in (ada, bao):
        seen = await person.expect(
            "<presence from='{bao}'><x><item affiliation='member'/></x></presence>"
        )
        assert find(item(seen), "user:reason").text == "Worthy"


@requirement("MEM-03", "MEM-04", "CODE-321", "A-235", "A-102")
async def who_is_no_member_any_more_is_put_out_of_a_room_for_members(scene: Scene) -> None:
    ada = await scene.create(membersonly="1")
    await scene.affiliate(ada, "bao", "member")
    bao = await scene.seat("bao", ada)
    await scene.affiliate(ada, "bao", "none")
    for person in (ada, bao):
        seen = await person.expect("<presence from='{bao}'/>")
        assert seen.get("type") == "unavailable"
        assert "321" in codes(seen)
        assert (item(seen).get("affiliation"), item(seen).get("role")) == ("none", "none")
        assert "110" in codes(seen) or person is not bao


@requirement("MEM-05", "OWN-07", "AMB-02", "A-256")
async def the_member_list(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await scene.affiliate(ada, "bao", "member")
    await scene.affiliate(ada, "cyd", "member")
    members = await listed(ada, "member")
    assert set(members) == {bao.bare, scene.jid("cyd")}
    assert all(entry["affiliation"] == "member" for entry in members.values())
    assert members[bao.bare].get("nick") in (None, scene.nick("bao"))


@requirement("MEM-06", "FIELD-10", "A-184")
async def who_may_read_the_member_list(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao", whois="moderators")
    await scene.affiliate(ada, "bao", "member")
    no = await bao.iq(ask.listing("affiliation", "member"))
    expect_refusal(no, "forbidden", "auth")
    await scene.configure(ada, {"whois": "anyone"})
    assert bao.bare in await listed(bao, "member")


@requirement("MEM-07")
async def members_are_changed_by_differences(scene: Scene) -> None:
    ada = await scene.create()
    both = [f"<item affiliation='member' jid='{{{one}_jid}}'/>" for one in ("bao", "cyd")]
    scene.known(await ada.iq(ask.admin(*both)))
    await scene.affiliate(ada, "bao", "none")
    assert set(await listed(ada, "member")) == {scene.jid("cyd")}


@requirement("MEM-10", "A-034")
async def a_full_address_stands_for_the_bare_one(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    expect_result(await ada.iq(ask.admin("<item affiliation='member' jid='{bao_jid}/anything'/>")))
    assert set(await listed(ada, "member")) == {bao.bare}


@requirement("SVC-03", "CODE-101", "A-222")
async def somebody_absent_is_told_of_their_new_standing(scene: Scene) -> None:
    ada = await scene.create()
    bao = await scene.client("bao")
    await scene.affiliate(ada, "bao", "admin")
    await scene.settle(ada)
    await bao.fence()
    told = [s for s in bao.inbox.stanzas if s.get("from") == scene.room]
    scene.offered(told, "nothing is sent")
    assert any("101" in codes(s) and item(s).get("affiliation") == "admin" for s in told)


@requirement("XML-05", "A-258")
async def an_affiliation_that_there_is_not(scene: Scene) -> None:
    ada = await scene.create()
    assert condition_of(await ada.iq(ask.admin("<item jid='{bao_jid}' affiliation='king'/>")))
    assert condition_of(await ada.iq(ask.admin("<item jid='not@@valid' affiliation='member'/>")))


@requirement("OWN-01", "OWN-02", "AFF-05", "AMB-07", "A-111")
async def an_owner_makes_an_owner(scene: Scene) -> None:
    ada, bao, cyd = await scene.enter("ada", "bao", "cyd")
    await scene.affiliate(ada, "bao", "owner")
    for person in (ada, bao, cyd):
        await person.expect(
            "<presence from='{bao}'><x><item affiliation='owner' role='moderator'/></x></presence>"
        )
    assert set(await listed(bao, "owner")) == {ada.bare, bao.bare}


@requirement("OWN-01", "OWN-05", "OWN-06", "AFF-07")
async def an_admin_makes_no_owners_nor_admins(scene: Scene) -> None:
    ada, bao = await with_admin(scene)
    for affiliation in ("owner", "admin"):
        no = await bao.iq(ask.admin(f"<item jid='{{cyd_jid}}' affiliation='{affiliation}'/>"))
        assert condition_of(no) in ("forbidden", "not-allowed")
    assert set(await listed(ada, "owner")) == {ada.bare}


@requirement("OWN-03", "CONF-11", "AFF-06")
async def the_last_owner_stays_owner(scene: Scene) -> None:
    ada = await scene.create()
    no = await ada.iq(ask.admin("<item jid='{ada_jid}' affiliation='none'/>"))
    expect_refusal(no, "conflict", "cancel")
    assert set(await listed(ada, "owner")) == {ada.bare}


@requirement("OWN-03")
async def an_owner_is_unmade_by_another(scene: Scene) -> None:
    ada, bao = await scene.enter("ada", "bao")
    await scene.affiliate(ada, "bao", "owner")
    await bao.expect("<presence from='{bao}'><x><item affiliation='owner'/></x></presence>")
    await scene.affiliate(ada, "bao", "admin")
    await bao.expect("<presence from='{bao}'><x><item affiliation='admin'/></x></presence>")
    assert set(await listed(ada, "owner")) == {ada.bare}


@requirement("OWN-04")
async def others_do_not_read_the_owner_list_of_a_semianonymous_room(scene: Scene) -> None:
    _, bao = await scene.enter("ada", "bao", whois="moderators")
    no = await bao.iq(ask.listing("affiliation", "owner"))
    expect_refusal(no, "forbidden", "auth")


@requirement("OWN-06", "OWN-07")
async def admins_are_made_listed_and_unmade(scene: Scene) -> None:
    ada, bao = await with_admin(scene)
    assert set(await listed(ada, "admin")) == {bao.bare}
    await scene.affiliate(ada, "bao", "none")
    await ada.expect("<presence from='{bao}'><x><item affiliation='none'/></x></presence>")
    assert await listed(ada, "admin") == {}


@requirement("BAN-02", "AFF-03")
async def a_ban_can_be_lifted(scene: Scene) -> None:
    ada = await scene.create()
    await scene.affiliate(ada, "bao", "outcast")
    await scene.affiliate(ada, "bao", "none")
    bao = await scene.client("bao")
    assert (await scene.join("bao", bao)).nick
