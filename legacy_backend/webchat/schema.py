"""The tables of the web chat. Times are microseconds since 1970, UTC."""

from __future__ import annotations

import sqlalchemy as sa

VERSION = 3
"""Changes with the tables; a database of a later version is not touched. What a later version
adds to a table has a default of the server's, so that older tables can be completed."""

EVERY_ROLE = "visitor participant moderator"

metadata = sa.MetaData()

_id = sa.String(255)

meta = sa.Table(
    "webchat_meta",
    metadata,
    sa.Column("key", _id, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

people = sa.Table(
    "webchat_person",
    metadata,
    sa.Column("id", _id, primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("name_key", _id, nullable=False, unique=True),
    sa.Column("password", sa.Text),
    sa.Column("user", _id, unique=True),
    sa.Column("created", sa.BigInteger, nullable=False),
)

sessions = sa.Table(
    "webchat_session",
    metadata,
    sa.Column("token_hash", _id, primary_key=True),
    sa.Column("person", _id, nullable=False, index=True),
    sa.Column("csrf", sa.String(64), nullable=False),
    sa.Column("expires", sa.BigInteger, nullable=False, index=True),
)

groups = sa.Table(
    "webchat_group",
    metadata,
    sa.Column("id", _id, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("public", sa.Boolean, nullable=False),
    sa.Column("members_only", sa.Boolean, nullable=False),
    sa.Column("moderated", sa.Boolean, nullable=False),
    sa.Column("password", sa.Text, nullable=False),
    sa.Column("max_users", sa.Integer, nullable=False),
    sa.Column("members_may_invite", sa.Boolean, nullable=False),
    sa.Column("members_may_change_subject", sa.Boolean, nullable=False),
    sa.Column("private_messages", sa.String(16), nullable=False),
    sa.Column("anonymous", sa.Boolean, nullable=False),
    sa.Column("language", sa.String(35), nullable=False),
    sa.Column("public_log", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("history_visible", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("shown_roles", sa.String(64), nullable=False, server_default=EVERY_ROLE),
    sa.Column("list_readers", sa.String(64), nullable=False, server_default=EVERY_ROLE),
    sa.Column("subject", sa.Text),
    sa.Column("subject_by", _id),
    sa.Column("subject_by_name", sa.Text, nullable=False, server_default=""),
    sa.Column("subject_at", sa.BigInteger),
    sa.Column("picture_id", sa.String(64)),
    sa.Column("picture", sa.LargeBinary),
    sa.Column("last_seq", sa.BigInteger, nullable=False),
    sa.Column("created", sa.BigInteger, nullable=False),
)

places = sa.Table(
    "webchat_place",
    metadata,
    sa.Column("group_id", _id, primary_key=True),
    sa.Column("person", _id, primary_key=True),
    sa.Column("nick", sa.Text, nullable=False),
    sa.Column("nick_key", _id, nullable=False),
    sa.Column("affiliation", sa.Integer, nullable=False),
    sa.Column("granted", sa.Integer),
    sa.Column("joined", sa.Boolean, nullable=False),
    sa.Column("read_seq", sa.BigInteger, nullable=False),
    sa.Column("since", sa.BigInteger, nullable=False),
    sa.Index("webchat_place_person", "person"),
    sa.Index("webchat_place_nick", "group_id", "nick_key"),
)

stays = sa.Table(
    "webchat_stay",
    metadata,
    sa.Column("group_id", _id, primary_key=True),
    sa.Column("person", _id, primary_key=True),
    sa.Column("since", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("until", sa.BigInteger),
)

messages = sa.Table(
    "webchat_message",
    metadata,
    sa.Column("group_id", _id, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("id", _id, nullable=False),
    sa.Column("author", _id, nullable=False),
    sa.Column("author_name", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("reply_to", _id),
    sa.Column("attachments", sa.JSON, nullable=False),
    sa.Column("thread", sa.Text, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("edited", sa.BigInteger),
    sa.Column("retracted", sa.BigInteger),
    sa.Index("webchat_message_id", "group_id", "id", unique=True),
)

reactions = sa.Table(
    "webchat_reaction",
    metadata,
    sa.Column("group_id", _id, primary_key=True),
    sa.Column("message", _id, primary_key=True),
    sa.Column("person", _id, primary_key=True),
    sa.Column("emojis", sa.JSON, nullable=False),
)

invitations = sa.Table(
    "webchat_invitation",
    metadata,
    sa.Column("group_id", _id, primary_key=True),
    sa.Column("invitee", _id, primary_key=True),
    sa.Column("inviter", _id, primary_key=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Index("webchat_invitation_invitee", "invitee"),
)

requests = sa.Table(
    "webchat_request",
    metadata,
    sa.Column("group_id", _id, primary_key=True),
    sa.Column("person", _id, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
)

hats = sa.Table(
    "webchat_hat",
    metadata,
    sa.Column("group_id", _id, primary_key=True),
    sa.Column("uri", _id, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("hue", sa.String(20), nullable=False),
)

worn = sa.Table(
    "webchat_worn",
    metadata,
    sa.Column("group_id", _id, primary_key=True),
    sa.Column("person", _id, primary_key=True),
    sa.Column("uri", _id, primary_key=True),
)

whispers = sa.Table(
    "webchat_whisper",
    metadata,
    sa.Column("seq", sa.Integer, primary_key=True),
    sa.Column("id", _id, nullable=False, unique=True),
    sa.Column("pair", sa.String(100), nullable=False),
    sa.Column("author", _id, nullable=False),
    sa.Column("author_name", sa.Text, nullable=False),
    sa.Column("recipient", _id, nullable=False),
    sa.Column("group_id", _id),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("attachments", sa.JSON, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Index("webchat_whisper_pair", "pair", "seq"),
    sqlite_autoincrement=True,
)

files = sa.Table(
    "webchat_file",
    metadata,
    sa.Column("id", _id, primary_key=True),
    sa.Column("owner", _id, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("media_type", sa.String(100), nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
