# ruff: noqa: E501, ISC004  (XML reads better unbroken)
"""Stanzas as clients send them, of every kind that the gateway takes: what mutations start from.

`{room}`, `{nick}`, `{id}`, `{text}`, `{jid}` and `{time}` are filled in by the generator; `to`,
`from` and `id` of the stanza are its, too.
"""

from __future__ import annotations

_ITEM = "<iq type='set'><query xmlns='http://jabber.org/protocol/muc#admin'>{}</query></iq>"
_LIST = "<iq type='get'><query xmlns='http://jabber.org/protocol/muc#admin'>{}</query></iq>"
_OWNER = "<iq type='set'><query xmlns='http://jabber.org/protocol/muc#owner'>{}</query></iq>"
_MAM = "<iq type='set'><query xmlns='urn:xmpp:mam:2' queryid='q'>{}</query></iq>"
_RSM = "<set xmlns='http://jabber.org/protocol/rsm'>{}</set>"
_SAID = "<message type='groupchat'>{}</message>"
_USER = "<message><x xmlns='http://jabber.org/protocol/muc#user'>{}</x></message>"
_JOIN = "<presence><x xmlns='http://jabber.org/protocol/muc'>{}</x></presence>"
_VCARD = "<iq type='{}'><vCard xmlns='vcard-temp'>{}</vCard></iq>"
_REGISTER = "<iq type='set'><query xmlns='jabber:iq:register'>{}</query></iq>"
_COMMAND = "<iq type='set'><command xmlns='http://jabber.org/protocol/commands' node='{}'>{}</command></iq>"
_PUBSUB = "<iq type='{}'><pubsub xmlns='http://jabber.org/protocol/pubsub'>{}</pubsub></iq>"


def _form(kind: str, *fields: str) -> str:
    named = (
        f"<field var='{var}'><value>{value}</value></field>"
        for var, value in (field.split("=", 1) for field in (f"FORM_TYPE={kind}", *fields))
    )
    return f"<x xmlns='jabber:x:data' type='submit'>{''.join(named)}</x>"


_CONFIG = "http://jabber.org/protocol/muc#roomconfig"

IQS = (
    *(
        f"<iq type='get'><query xmlns='http://jabber.org/protocol/disco#{what}'{node}/></iq>"
        for what in ("info", "items")
        for node in (
            "",
            " node='{text}'",
            " node='x-roomuser-item'",
            " node='http://jabber.org/protocol/muc#traffic'",
            " node='http://jabber.org/protocol/commands'",
        )
    ),
    "<iq type='get'><query xmlns='http://jabber.org/protocol/disco#items'>"
    + _RSM.format("<max>{text}</max><after>{jid}</after>")
    + "</query></iq>",
    "<iq type='get'><ping xmlns='urn:xmpp:ping'/></iq>",
    "<iq type='get'><query xmlns='jabber:iq:version'/></iq>",
    "<iq type='get'><query xmlns='jabber:iq:last'/></iq>",
    "<iq type='get'><time xmlns='urn:xmpp:time'/></iq>",
    "<iq type='get'><query xmlns='jabber:iq:gateway'/></iq>",
    "<iq type='set'><query xmlns='jabber:iq:gateway'><prompt>{text}</prompt></query></iq>",
    "<iq type='get'><query xmlns='jabber:iq:search'/></iq>",
    "<iq type='set'><query xmlns='jabber:iq:search'><nick>{text}</nick></query></iq>",
    "<iq type='get'><query xmlns='jabber:iq:roster'/></iq>",
    "<iq type='set'><block xmlns='urn:xmpp:blocking'><item jid='{jid}'/></block></iq>",
    "<iq type='get'><unique xmlns='http://jabber.org/protocol/muc#unique'/></iq>",
    *(_LIST.format(f"<item {what}/>") for what in (
        "affiliation='member'", "affiliation='outcast'", "affiliation='owner'", "role='moderator'",
        "role='participant'", "affiliation='{text}'", "role='none' affiliation='none'")),
    *(_ITEM.format(f"<item {what}><reason>{{text}}</reason></item>") for what in (
        "nick='{nick}' role='none'", "nick='{nick}' role='visitor'", "nick='{nick}' role='moderator'",
        "jid='{jid}' affiliation='outcast'", "jid='{jid}' affiliation='member'", "jid='{jid}'",
        "nick='{nick}' affiliation='owner'", "jid='{jid}' affiliation='none' nick='{nick}'",
        "nick='{text}' role='{text}'", "jid='{jid}' affiliation='{text}'")),
    _ITEM.format("<item nick='{nick}' role='visitor'/><item jid='{jid}' affiliation='none'/>"),
    _ITEM.format("<item jid='{jid}' affiliation='member'/>" * 200),
    "<iq type='get'><query xmlns='http://jabber.org/protocol/muc#owner'/></iq>",
    _OWNER.format("<x xmlns='jabber:x:data' type='cancel'/>"),
    _OWNER.format("<x xmlns='jabber:x:data' type='submit'/>"),
    *(_OWNER.format(_form(_CONFIG, f"muc#roomconfig_{field}")) for field in (
        "roomname={text}", "roomdesc={text}", "membersonly=1", "moderatedroom={text}", "lang={text}",
        "maxusers={text}", "passwordprotectedroom=1", "roomsecret={text}", "whois={text}",
        "allowpm={text}", "persistentroom=0", "changesubject=0", "presencebroadcast={text}",
        "getmemberlist={text}", "roomowners={jid}", "maxhistoryfetch={text}", "pubsub={text}")),
    _OWNER.format(_form(_CONFIG, *(f"f{n}={{text}}" for n in range(300)))),
    _OWNER.format("<destroy jid='{jid}'><reason>{text}</reason></destroy>"),
    _MAM.format(""),
    *(_MAM.format(_RSM.format(page)) for page in (
        "<max>10</max>", "<max>0</max>", "<max>{text}</max>", "<before/>", "<before>{id}</before>",
        "<after>{id}</after>", "<index>5</index>", "<after>{id}</after><before/>", "<after/>")),
    *(_MAM.format(_form("urn:xmpp:mam:2", field)) for field in (
        "start={time}", "end={time}", "with={jid}", "before-id={id}", "after-id={id}", "ids={id}",
        "withtext={text}", "{text}={text}")),
    _MAM.format("<flip-page/>"),
    "<iq type='get'><query xmlns='urn:xmpp:mam:2'/></iq>",
    "<iq type='get'><metadata xmlns='urn:xmpp:mam:2'/></iq>",
    "<iq type='set'><prefs xmlns='urn:xmpp:mam:2' default='never'/></iq>",
    _VCARD.format("get", ""),
    _VCARD.format("set", ""),
    _VCARD.format("set", "<PHOTO><TYPE>{text}</TYPE><BINVAL>{text}</BINVAL></PHOTO>"),
    "<iq type='get'><query xmlns='jabber:iq:register'/></iq>",
    _REGISTER.format("<remove/>"),
    _REGISTER.format("<username>{text}</username>"),
    _REGISTER.format(_form("http://jabber.org/protocol/muc#register",
                           "muc#register_roomnick={text}")),
    "<iq type='set'><moderate xmlns='urn:xmpp:message-moderate:1' id='{id}'>"
    "<retract xmlns='urn:xmpp:message-retract:1'/><reason>{text}</reason></moderate></iq>",
    *(_COMMAND.format(node, inner) for node in (
        "info", "search", "unregister", "groups", "contacts", "jabber:iq:register", "{text}",
        "delete_user", "exec", "presence", "preferences", "invite", "sync-contacts", "leave-group")
      for inner in ("", _form("{text}", "jid={jid}", "{text}={text}"))),
    *(_PUBSUB.format("get", f"<items node='{node}'><item id='{{text}}'/></items>") for node in (
        "urn:xmpp:avatar:data", "urn:xmpp:avatar:metadata", "http://jabber.org/protocol/nick",
        "urn:xmpp:vcard4", "{text}")),
    _PUBSUB.format("set", "<publish node='{text}'><item id='{text}'/></publish>"),
    _PUBSUB.format("set", "<subscribe node='{text}' jid='{jid}'/>"),
    "<iq type='set'><query xmlns='jabber:iq:private'><storage xmlns='storage:bookmarks'/></query></iq>",
    "<iq type='get'><request xmlns='urn:xmpp:http:upload:0' filename='{text}' size='{text}'/></iq>",
    "<iq type='set'><open xmlns='http://jabber.org/protocol/ibb' sid='{text}' block-size='1'/></iq>",
    "<iq type='set'><jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='{text}'/></iq>",
    "<iq type='result'/>",
    "<iq type='error'><error type='cancel'>"
    "<gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
    "<iq type='get'/>",
    "<iq type='set'>{text}</iq>",
)  # fmt: skip

MESSAGES = (
    *(_SAID.format(inner) for inner in (
        "<body>{text}</body>",
        "<body>{text}</body><thread parent='{text}'>{text}</thread>",
        "<body xml:lang='de'>{text}</body><body xml:lang='en'>Two</body>",
        "<subject>{text}</subject>",
        "<subject>{text}</subject><body>{text}</body>",
        "<body>{text}</body><replace xmlns='urn:xmpp:message-correct:0' id='{id}'/>",
        "<body>&gt; quoted\n{text}</body><reply xmlns='urn:xmpp:reply:0' to='{jid}' id='{id}'/>"
        "<fallback xmlns='urn:xmpp:fallback:0' for='urn:xmpp:reply:0'><body start='0' end='{text}'/>"
        "</fallback>",
        "<retract xmlns='urn:xmpp:message-retract:1' id='{id}'/>",
        "<reactions xmlns='urn:xmpp:reactions:0' id='{id}'><reaction>{text}</reaction>"
        "<reaction>👍</reaction></reactions>",
        "<displayed xmlns='urn:xmpp:chat-markers:0' id='{id}'/>",
        "<composing xmlns='http://jabber.org/protocol/chatstates'/>",
        "<gone xmlns='http://jabber.org/protocol/chatstates'/>",
        "<nonsense xmlns='http://jabber.org/protocol/chatstates'/>",
        "<body>{text}</body><x xmlns='jabber:x:oob'><url>{text}</url></x>",
        "<body>{text}</body><file-sharing xmlns='urn:xmpp:sfs:0'><sources><url-data "
        "xmlns='http://jabber.org/protocol/url-data' target='{text}'/></sources></file-sharing>",
        "<body>{text}</body><stanza-id xmlns='urn:xmpp:sid:0' id='{id}' by='{room}'/>"
        "<origin-id xmlns='urn:xmpp:sid:0' id='{id}'/>",
        "<body>{text}</body><occupant-id xmlns='urn:xmpp:occupant-id:0' id='{id}'/>",
        "<body>{text}</body><delay xmlns='urn:xmpp:delay' stamp='{time}' from='{room}'/>",
        "<body>{text}</body><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x>",
        "<body/>",
        "",
        "<encrypted xmlns='eu.siacs.conversations.axolotl'><header sid='1'/></encrypted>",
        "<body>{nick}: hello</body><reference xmlns='urn:xmpp:reference:0' type='mention' "
        "begin='{text}' end='4' uri='xmpp:{jid}'/>",
        "<html xmlns='http://jabber.org/protocol/xhtml-im'>"
        "<body xmlns='http://www.w3.org/1999/xhtml'><p>{text}</p></body></html><body>{text}</body>",
        "<apply-to xmlns='urn:xmpp:fasten:0' id='{id}'><moderate xmlns='urn:xmpp:message-moderate:0'/>"
        "</apply-to>",
    )),
    "<message type='chat'><body>{text}</body></message>",
    "<message type='chat'><body>{text}</body><x xmlns='http://jabber.org/protocol/muc#user'/></message>",
    "<message type='chat'><received xmlns='urn:xmpp:receipts' id='{id}'/></message>",
    "<message type='chat'><body>help</body></message>",
    "<message type='chat'><body>{text}</body><replace xmlns='urn:xmpp:message-correct:0' id='{id}'/>"
    "</message>",
    "<message type='chat'><reactions xmlns='urn:xmpp:reactions:0' id='{id}'>"
    "<reaction>{text}</reaction></reactions></message>",
    "<message type='chat'><displayed xmlns='urn:xmpp:chat-markers:0' id='{id}'/></message>",
    "<message type='chat'><retract xmlns='urn:xmpp:message-retract:1' id='{id}'/></message>",
    "<message type='chat'><attention xmlns='urn:xmpp:attention:0'/></message>",
    "<message><body>{text}</body></message>",
    "<message type='headline'><event xmlns='http://jabber.org/protocol/pubsub#event'>"
    "<items node='{text}'><item id='{id}'/></items></event></message>",
    "<message type='error'><body>{text}</body><error type='cancel'>"
    "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
    "<message type='error'/>",
    _USER.format("<invite to='{jid}'><reason>{text}</reason></invite>"),
    _USER.format("<invite to='{jid}'/>" * 50),
    _USER.format("<decline to='{jid}'><reason>{text}</reason></decline>"),
    "<message><x xmlns='jabber:x:conference' jid='{room}' reason='{text}'/></message>",
    "<message>" + _form("http://jabber.org/protocol/muc#request", "muc#role=participant") + "</message>",
    "<message>" + _form("http://jabber.org/protocol/muc#request", "muc#request_allow=1",
                        "muc#roomnick={nick}", "muc#jid={jid}") + "</message>",
    "<message><privilege xmlns='urn:xmpp:privilege:2'><perm access='roster' type='both'/></privilege>"
    "</message>",
    "<message><sent xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'>"
    "<message xmlns='jabber:client' type='groupchat' to='{room}'><body>{text}</body></message>"
    "</forwarded></sent></message>",
    "<message><result xmlns='urn:xmpp:mam:2' id='{id}'/></message>",
)  # fmt: skip

PRESENCES = (
    *(_JOIN.format(inner) for inner in (
        "", "<password>{text}</password>", "<history maxstanzas='0'/>", "<history seconds='{text}'/>",
        "<history since='{time}' maxchars='{text}' maxstanzas='{text}'/>")),
    "<presence/>",
    "<presence><show>{text}</show><status>{text}</status><priority>{text}</priority></presence>",
    "<presence><x xmlns='vcard-temp:x:update'><photo>{text}</photo></x></presence>",
    "<presence><c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='{text}' ver='{text}'/>"
    "</presence>",
    *(f"<presence type='{kind}'><status>{{text}}</status></presence>" for kind in (
        "unavailable", "probe", "subscribe", "subscribed", "unsubscribe", "unsubscribed")),
    "<presence type='{text}'/>",
    "<presence type='error'><error type='cancel'>"
    "<gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>",
    "<presence type='error'><error type='wait'>"
    "<resource-constraint xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></presence>",
)  # fmt: skip
