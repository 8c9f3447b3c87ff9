"""The forms with an attribute for each field."""

from __future__ import annotations

import pytest
from slixmpp import JID

from legacy_backend.xmpp.muc import ConfigurationForm, Data, Field, InfoForm, VoiceRequestForm
from legacy_backend.xmpp.muc.forms import Form

FORMS = [
    (ConfigurationForm, "allowinvites", "muc#roomconfig_allowinvites", True, "A-180"),
    (ConfigurationForm, "allowpm", "muc#roomconfig_allowpm", "anyone", "A-181"),
    (ConfigurationForm, "changesubject", "muc#roomconfig_changesubject", True, "A-182"),
    (ConfigurationForm, "enablelogging", "muc#roomconfig_enablelogging", True, "A-183"),
    (ConfigurationForm, "getmemberlist", "muc#roomconfig_getmemberlist", ("a", "b"), "A-184"),
    (ConfigurationForm, "lang", "muc#roomconfig_lang", "de", "A-185"),
    (ConfigurationForm, "maxhistoryfetch", "muc#maxhistoryfetch", "50", "A-186"),
    (ConfigurationForm, "maxusers", "muc#roomconfig_maxusers", "20", "A-187"),
    (ConfigurationForm, "membersonly", "muc#roomconfig_membersonly", True, "A-188"),
    (ConfigurationForm, "moderatedroom", "muc#roomconfig_moderatedroom", True, "A-189"),
    (
        ConfigurationForm,
        "passwordprotectedroom",
        "muc#roomconfig_passwordprotectedroom",
        True,
        "A-190",
    ),
    (ConfigurationForm, "persistentroom", "muc#roomconfig_persistentroom", True, "A-191"),
    (
        ConfigurationForm,
        "presencebroadcast",
        "muc#roomconfig_presencebroadcast",
        ("visitor",),
        "A-192",
    ),
    (ConfigurationForm, "publicroom", "muc#roomconfig_publicroom", True, "A-193"),
    (ConfigurationForm, "pubsub", "muc#roomconfig_pubsub", "xmpp:p?;node=n", "A-194"),
    (
        ConfigurationForm,
        "roomadmins",
        "muc#roomconfig_roomadmins",
        (JID("a@b"), JID("c@d")),
        "A-195",
    ),
    (ConfigurationForm, "roomdesc", "muc#roomconfig_roomdesc", "Here", "A-196"),
    (ConfigurationForm, "roomname", "muc#roomconfig_roomname", "Hall", "A-197"),
    (ConfigurationForm, "roomowners", "muc#roomconfig_roomowners", (JID("a@b"),), "A-198"),
    (ConfigurationForm, "roomsecret", "muc#roomconfig_roomsecret", "sesame", "A-199"),
    (ConfigurationForm, "whois", "muc#roomconfig_whois", "anyone", "A-200"),
    (InfoForm, "contactjid", "muc#roominfo_contactjid", (JID("a@b"),), "A-201"),
    (InfoForm, "description", "muc#roominfo_description", "Here", "A-202"),
    (InfoForm, "lang", "muc#roominfo_lang", "de", "A-203"),
    (InfoForm, "ldapgroup", "muc#roominfo_ldapgroup", "cn=x", "A-204"),
    (InfoForm, "logs", "muc#roominfo_logs", "http://l/", "A-205"),
    (InfoForm, "maxhistoryfetch", "muc#maxhistoryfetch", "50", "A-206"),
    (InfoForm, "occupants", "muc#roominfo_occupants", "3", "A-207"),
    (InfoForm, "subject", "muc#roominfo_subject", "Boats", "A-208"),
    (InfoForm, "subjectmod", "muc#roominfo_subjectmod", True, "A-209"),
    (VoiceRequestForm, "jid", "muc#jid", JID("a@b/c"), "A-210"),
    (VoiceRequestForm, "request_allow", "muc#request_allow", True, "A-211"),
    (VoiceRequestForm, "role", "muc#role", "participant", "A-212"),
    (VoiceRequestForm, "roomnick", "muc#roomnick", "bao", "A-213"),
]


@pytest.mark.parametrize(
    ("form", "name", "var", "value"), [row[:4] for row in FORMS], ids=[row[4] for row in FORMS]
)
def test_each_attribute_is_read_and_written(
    form: type[Form], name: str, var: str, value: object
) -> None:
    made = form()
    assert getattr(made, name) is None
    setattr(made, name, value)
    reply = made.render_reply()
    assert reply.form_type == form.FORM_TYPE
    assert reply.field(var) is not None
    again = form.from_xso(Data.from_xml(reply.to_xml()))
    assert getattr(again, name) == value


def config(*fields: Field) -> ConfigurationForm:
    kind = Field("FORM_TYPE", (ConfigurationForm.FORM_TYPE,), "hidden")
    return ConfigurationForm.from_xso(Data("form", (kind, *fields)))


def test_a_form_of_another_type_is_refused() -> None:
    with pytest.raises(ValueError, match="not a form of"):
        InfoForm.from_xso(config().render_reply())


def test_a_field_that_is_not_asked_for_cannot_be_set() -> None:
    form = config()
    assert form.membersonly is None
    with pytest.raises(LookupError):
        form.membersonly = True


def test_an_option_has_to_be_one() -> None:
    options = (("anyone", "Anyone"), ("moderators", "Moderators"))
    form = config(Field("muc#roomconfig_whois", ("anyone",), "list-single", "Who", options))
    with pytest.raises(ValueError, match="is one of"):
        form.whois = "nobody"
    form.whois = "moderators"
    reply = form.render_reply().field("muc#roomconfig_whois")
    assert reply == Field("muc#roomconfig_whois", ("moderators",), "list-single")


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("true", True), ("0", False), ("", False)]
)
def test_both_ways_to_write_a_truth_value_are_read(text: str, value: bool) -> None:
    assert config(Field("muc#roomconfig_membersonly", (text,), "boolean")).membersonly is value


def test_what_is_no_address_is_left_out() -> None:
    form = config(Field("muc#roomconfig_roomowners", ("a@b", "@", ""), "jid-multi"))
    assert form.roomowners == (JID("a@b"),)
