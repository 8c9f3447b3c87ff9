"""A room's configuration as a group's, and back."""

from __future__ import annotations

import pytest

from legacy_backend import GroupConfig, GroupKind, LegacyError, Role
from legacy_backend.xmpp.config import change, config_of, kind_of
from legacy_backend.xmpp.muc import ConfigurationForm, Data, Field, InfoForm, RoomInfo

INFO = RoomInfo(
    name="The hall",
    features=frozenset({"muc_hidden", "muc_membersonly", "muc_semianonymous"}),
    form=InfoForm.from_xso(
        Data(
            "result",
            (
                Field("FORM_TYPE", ("http://jabber.org/protocol/muc#roominfo",)),
                Field("muc#roominfo_description", ("With a view",)),
                Field("muc#roominfo_lang", ("en",)),
            ),
        )
    ),
)


def form(*fields: Field) -> ConfigurationForm:
    kind = Field("FORM_TYPE", ("http://jabber.org/protocol/muc#roomconfig",), "hidden")
    return ConfigurationForm.from_xso(Data("form", (kind, *fields)))


def setting(name: str, *values: str, options: tuple[str, ...] = ()) -> Field:
    offered = tuple((one, one) for one in options)
    return Field(f"muc#roomconfig_{name}", values, options=offered)


def test_what_everybody_may_know() -> None:
    config = config_of(INFO, None)
    assert (config.name, config.description, config.language) == ("The hall", "With a view", "en")
    assert (config.public, config.members_only, config.moderated) == (False, True, False)
    assert config.anonymous is True
    assert config.password is None
    assert kind_of(config) is GroupKind.PRIVATE


@pytest.mark.parametrize(
    ("features", "kind"),
    [
        ({"muc_nonanonymous"}, GroupKind.PUBLIC),
        ({"muc_semianonymous"}, GroupKind.ANONYMOUS),
        (set(), GroupKind.ANONYMOUS),
    ],
)
def test_kinds(features: set[str], kind: GroupKind) -> None:
    assert kind_of(config_of(RoomInfo("", frozenset(features), None), None)) is kind


def test_owners_know_more() -> None:
    config = config_of(
        INFO,
        form(
            setting("whois", "anyone"),
            setting("passwordprotectedroom", "1"),
            setting("roomsecret", "open sesame"),
            setting("maxusers", "none", options=("10", "none")),
            setting("allowpm", "moderators"),
            setting("presencebroadcast", "moderator", "participant", "unknown"),
        ),
    )
    assert (config.anonymous, config.password, config.max_users) == (False, "open sesame", 0)
    assert config.private_messages == "moderators"
    assert config.shown_roles == frozenset({Role.MODERATOR, Role.PARTICIPANT})
    assert config.name == "The hall"


def test_a_password_that_is_not_asked_for_is_none() -> None:
    shown = form(setting("passwordprotectedroom", "0"), setting("roomsecret", "old"))
    assert config_of(INFO, shown).password == ""


def test_changes_go_into_the_form_that_was_sent() -> None:
    filled = form(
        setting("roomname", "Old"),
        setting("whois", "moderators", options=("moderators", "anyone")),
        setting("passwordprotectedroom", "0"),
        setting("roomsecret", ""),
        setting("maxusers", "10", options=("10", "50", "none")),
        setting("lang", "en"),
    )
    change(filled, GroupConfig(name="New", anonymous=False, password="sesame", max_users=20))
    reply = filled.render_reply()
    values = {field.var.rpartition("_")[2]: field.values for field in reply.fields}
    assert values["roomname"] == ("New",)
    assert values["whois"] == ("anyone",)
    assert (values["passwordprotectedroom"], values["roomsecret"]) == (("1",), ("sesame",))
    assert values["maxusers"] == ("50",)
    assert values["lang"] == ("en",)
    change(filled, GroupConfig(max_users=0))
    assert filled.maxusers == "none"


@pytest.mark.parametrize(
    ("changes", "condition", "words"),
    [
        (GroupConfig(moderated=True), "feature-not-implemented", "no such setting: moderated"),
        (GroupConfig(public_log=True), "feature-not-implemented", "no such setting: public log"),
        (GroupConfig(private_messages="none"), "not-acceptable", "does not know that"),
    ],
)
def test_what_a_room_cannot_do_is_said(changes: GroupConfig, condition: str, words: str) -> None:
    with pytest.raises(LegacyError) as no:
        change(form(setting("allowpm", "anyone", options=("anyone",))), changes)
    assert no.value.condition == condition
    assert words in no.value.text
