"""Every setting there is. The example file, the messages and the checks are all made from this."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from gateway.config import networks
from gateway.config.setting import REQUIRED, Section, setting
from gateway.config.values import (
    BareJid,
    ComponentJid,
    DatabaseUrl,
    FilePath,
    FolderPath,
    ListenAddress,
    Pattern,
    ServiceJid,
    WebAddress,
)
from legacy_backend.api import LegacyBackend


class Xmpp(Section):
    """The XMPP server, to which the gateway is a component (XEP-0114)."""

    jid: ComponentJid = setting(
        REQUIRED,
        "The gateway's own address: a domain that the server has as a component.",
        example="groups.example.org",
    )
    secret: str = setting(
        REQUIRED,
        "What the component proves itself with; the server's configuration has the same.",
        secret=True,
        example="",
    )
    host: str = setting("127.0.0.1", "Where the server listens for components.")
    port: int = setting(5347, "The port it listens on.", low=1, high=65535)
    reconnect_max_seconds: int = setting(
        60,
        "After the connection is lost, the longest pause between two attempts. The first follows "
        "at once, and each pause is about twice the one before.",
        low=1,
        high=3600,
    )
    outbox_max_mib: int = setting(
        64,
        "How much is held for the server while it is away. What does not fit any more is not "
        "sent; messages in rooms are in the archive all the same.",
        low=1,
        high=65536,
    )
    ping_seconds: int = setting(
        60,
        "Ask a silent server this often whether it is still there; 0 never asks.",
        low=0,
        high=3600,
    )


class Network(Section):
    """The chat network whose groups become rooms. One process serves one network."""

    backend: str = setting(
        "",
        "A network of Sluice's own, by name, or one of yours as module:Class. Write either this "
        "or plugin.",
        example="webchat",
    )
    plugin: str = setting(
        "", 'An installed slidge plugin, by the name of its module, such as "matridge".'
    )
    name: str = setting("", "What users see the network called; empty for the network's own name.")
    picture: str = setting(
        "",
        "The gateway's own picture: a file, or an address on the web. Empty for what the network "
        'brings, "none" for none.',
    )
    options: dict[str, Any] = setting(
        {}, "The network's own settings. A slidge plugin takes those that it documents."
    )

    @cached_property
    def backend_class(self) -> type[LegacyBackend]:
        """What `backend` names. Raises NoSuchNetwork, but not after `load` has accepted it."""
        return networks.backend_class(self.backend)

    def conflicts(self) -> Iterator[tuple[str, str]]:
        if self.backend and self.plugin:
            yield "plugin", "cannot stand beside backend: keep the one that is meant"
        elif not self.backend and not self.plugin:
            yield "backend", "is missing: this or plugin says which network to bridge"


class Users(Section):
    """Who may use the gateway, and how they become users."""

    allowed: Pattern = setting(
        REQUIRED,
        "Who may use the gateway at all: a regular expression that has to match a whole address "
        "without its resource. Letter case does not matter.",
        example=r".*@example\.org",
    )
    auto_register: bool = setting(
        False,
        "Make a user of whoever is allowed and joins a room. Only for networks that ask for no "
        "credentials, as the web chat.",
    )
    admins: list[BareJid] = setting(
        [],
        "Addresses of those who run the gateway. They are allowed to use it, too, and get its "
        "commands for administrators.",
    )
    welcome: str = setting(
        "", "What a new user is told in a message; empty for the network's own words."
    )
    registration_timeout_seconds: int = setting(
        3600,
        "How long a registration of several steps (a code sent by phone, say) may take.",
        low=30,
        high=604800,
    )
    qr_timeout_seconds: int = setting(
        60, "How long a user has for scanning a QR code.", low=10, high=3600
    )
    command_emoji: bool = setting(
        True, "Let the names of commands begin with the emoji that they come with."
    )

    @cached_property
    def allowed_pattern(self) -> re.Pattern[str]:
        """`allowed`, compiled so that `match` and `fullmatch` answer alike."""
        flags, bare = "", self.allowed
        while found := re.match(r"\(\?([aimsux]+)\)", bare):
            flags, bare = flags + found[1], bare[found.end() :]
        # The line break ends a comment that (?x) permits
        end = "\n" if "x" in flags else ""
        return re.compile(f"(?i{flags})(?:{bare}{end})\\Z")

    def allows(self, jid: str) -> bool:
        """Whether the person with this bare JID may use the gateway."""
        return jid in self.admins or self.allowed_pattern.match(jid) is not None


class Database(Section):
    """Where rooms, users and the archive are kept."""

    url: DatabaseUrl = setting(
        "sqlite:///sluice.sqlite",
        "SQLite (sqlite:///FILE, relative to the folder of this configuration, or "
        "sqlite:////ABSOLUTE/FILE) or PostgreSQL (postgresql://USER:PASSWORD@HOST/NAME).",
        secret=True,
    )
    durable: bool = setting(
        True,
        "Wait until a message is on the disk before anyone sees it. Without this a power failure "
        "may cost the last moments; a crash of the gateway alone does not.",
    )


class Rooms(Section):
    """How rooms behave, whatever the network."""

    history_max: int = setting(
        100, "Most messages replayed to somebody who joins; 0 for none.", low=0, high=10000
    )
    max_message_chars: int = setting(
        20000, "Longest message taken from a user, in characters.", low=1, high=200000
    )
    picture_presence: bool = setting(
        False,
        "Tell of a room's picture by presence of the room itself too, for clients that do not ask "
        "for it otherwise.",
    )
    creation: bool = setting(
        True,
        "Let users make a group of the network by joining a room that is not there, where the "
        "network has that.",
    )
    leave_on_stop: bool = setting(
        False,
        "Tell everybody in a room that it is gone when the gateway ends. Otherwise they stay in "
        "it, and go on when the gateway is back.",
    )
    seat_ping_minutes: int = setting(
        30,
        "Ask a client that has been silent this long whether it is still in the room, and take "
        "it out if it is not; 0 never asks.",
        low=0,
        high=10080,
    )


class Limits(Section):
    """What each user may send in a minute, with all clients and to all rooms together. The whole
    minute's may come at once, as it does when a client starts; 0 is no limit."""

    messages_per_minute: int = setting(
        120, "Messages that say something, reactions and the like too.", low=0, high=1000000
    )
    signals_per_minute: int = setting(
        1200, "What clients tell by themselves: typing, having read.", low=0, high=1000000
    )
    joins_per_minute: int = setting(
        600, "Joins. A client joins all its rooms when it starts.", low=0, high=1000000
    )
    presences_per_minute: int = setting(
        3000,
        "Changes of presence in rooms. A client tells each room when it is away.",
        low=0,
        high=1000000,
    )
    queries_per_minute: int = setting(
        6000,
        "Questions. A client asks for each room's features and lists, and for the picture of each "
        "occupant.",
        low=0,
        high=1000000,
    )
    archive_queries_per_minute: int = setting(
        1200, "Pages of archives. A client reads on in each room.", low=0, high=1000000
    )
    changes_per_minute: int = setting(
        300,
        "Changes of rooms, roles, affiliations and lists; each person counts.",
        low=0,
        high=1000000,
    )
    invitations_per_minute: int = setting(
        120, "Invitations; each of the invited counts.", low=0, high=1000000
    )
    subscriptions_per_minute: int = setting(
        600, "Requests to see somebody's presence; more get no answer.", low=0, high=1000000
    )

    def by_kind(self) -> dict[str, int]:
        """The limits by what the users are told they send too many of."""
        return {
            name.removesuffix("_per_minute").replace("_", " "): most
            for name, most in self.model_dump().items()
        }


class Archive(Section):
    """What was said, for clients that ask (XEP-0313)."""

    page_default: int = setting(
        50, "Messages in one answer to a client that names no number.", low=1, high=1000
    )
    page_max: int = setting(
        250, "Most messages in one answer, whatever the client asks for.", low=1, high=1000
    )
    keep_days: int = setting(
        0, "Delete messages that are older than this many days; 0 keeps all.", low=0, high=36500
    )
    admin_folder: FilePath = setting(
        "",
        "A folder for what admins have exported, backed up and imported by command from their "
        "clients: nothing else is written or read by them. It holds all that anybody said; empty "
        "for no such commands. The command line needs none.",
    )
    backfill_first: int = setting(
        10000,
        "Messages that are read of a group when it is seen for the first time, a page more or "
        "less. What is further back is read when somebody scrolls there.",
        low=0,
        high=10000000,
    )
    backfill_pages_per_minute: int = setting(
        1200,
        "Pages of the past (100 messages each) that the network is asked for in a minute, all "
        "users together; 0 is no limit.",
        low=0,
        high=1000000,
    )

    def conflicts(self) -> Iterator[tuple[str, str]]:
        if self.page_default > self.page_max:
            yield (
                "page_default",
                f"is at most archive.page_max, which is {self.page_max}, not {self.page_default}",
            )


class Presence(Section):
    """Who is shown whose presence outside of rooms, and when it is told."""

    contacts: Literal["accept", "mutual", "reject", "ask"] = setting(
        "ask",
        "Users who want to see a contact's presence: accept, mutual (accept, and have the contact "
        "ask for theirs), reject, or ask (the network decides; most let everybody whom the user "
        "may know).",
    )
    gateway: Literal["accept", "mutual", "reject", "ask"] = setting(
        "mutual",
        "The same for users who want to see the gateway's own, which tells of their login.",
    )
    unsubscribe_unregisters: bool = setting(
        True,
        "Take a user who does not want to see the gateway any more for one who leaves: clients do "
        "this when the gateway is removed from the list of contacts.",
    )
    login: Literal["start", "online"] = setting(
        "start",
        "Log users in to the network when the gateway starts, and keep them so; or with their "
        "first client that is online, until their last has gone.",
    )
    logout_after_seconds: int = setting(
        120,
        "With login = online: how long nobody has to be there before the login ends.",
        low=0,
        high=86400,
    )
    per_second: int = setting(
        200,
        "Most presences sent in a second when many are due, as after the server was away.",
        low=1,
        high=100000,
    )


class Contacts(Section):
    """People of the network as contacts, and one-to-one chats with them."""

    avatar_max_pixels: int = setting(
        200, "Width and height to which larger pictures are shrunk.", low=16, high=2048
    )
    avatar_threads: int = setting(2, "Threads that shrink pictures.", low=1, high=32)
    delay_threshold_seconds: int = setting(
        300,
        "A message that arrives no later than this after it was written carries no time of its "
        "own, so that clients show it as new.",
        low=0,
        high=86400,
    )


class Attachments(Section):
    """How files sent on the network reach XMPP users. By default the server's upload service
    (XEP-0363) is looked for and used."""

    upload_service: ServiceJid = setting(
        "", "Address of the upload service; empty to have it found."
    )
    upload_requester: ServiceJid = setting(
        "", "Address in whose name upload slots are asked for; empty for the gateway's own."
    )
    upload_url_prefix: WebAddress = setting(
        "",
        "What the upload service's addresses begin with. They are then never passed on to the "
        "network inside of a quotation.",
    )
    no_upload_path: FilePath = setting(
        "",
        "Use no upload service, but write files into this folder. A web server has to serve it.",
    )
    no_upload_url_prefix: WebAddress = setting(
        "", "The web address under which no_upload_path is served."
    )
    no_upload_read_others: bool = setting(
        False, "Let every account of the machine read the files in no_upload_path."
    )
    use_original_urls: bool = setting(
        False,
        "Where the network has public web addresses for files, give clients those. The network "
        "then learns the clients' internet addresses.",
    )
    file_name_max: int = setting(
        200, "Longest file name, in characters; longer ones are cut.", low=20, high=255
    )
    fix_file_suffix: bool = setting(
        False, "Give a file the suffix that fits its content; some clients show it only then."
    )
    convert_stickers: bool = setting(
        False, "Turn animated vector stickers into pictures. Needs the package rlottie-python."
    )

    def conflicts(self) -> Iterator[tuple[str, str]]:
        if self.no_upload_path and not self.no_upload_url_prefix:
            yield "no_upload_path", "needs attachments.no_upload_url_prefix beside it"
        if self.no_upload_url_prefix and not self.no_upload_path:
            yield "no_upload_url_prefix", "needs attachments.no_upload_path beside it"
        if self.upload_service and self.no_upload_path:
            yield "upload_service", "cannot stand beside no_upload_path: keep the one that is meant"
        if self.convert_stickers and importlib.util.find_spec("rlottie_python") is None:
            yield "convert_stickers", "needs the package rlottie-python, which is not installed"


class Mirrors(Section):
    """Distributed rooms, for thin links between servers: rooms of ours that are mirrored beside
    their users, and rooms of others that we mirror beside ours. See docs/mirrors.md. Without
    trusted and masters there is nothing of that."""

    masters: list[ComponentJid] = setting(
        [],
        "Services with rooms that we mirror for our users, each by its domain. It has to trust us.",
    )
    transparent: bool = setting(
        False,
        "Whether the server hands us what users send to the masters (mod_dmuc_mirror), so that "
        "they join rooms by the masters' own addresses. Otherwise they join "
        r"room\40master.example@groups.example.org.",
    )
    local_first: list[ComponentJid] = setting(
        [],
        "Those of masters with which our users see each other's messages before the master has "
        "them. Quicker; but the order differs, and a message may be refused that was shown.",
    )
    ping_seconds: int = setting(
        60,
        "Ask the other end of a silent link this often whether it is there. It is taken for lost "
        "when it does not answer twice in a row.",
        low=5,
        high=3600,
    )
    queue_max: int = setting(
        100,
        "While a link is down, messages in each room that wait for it. Further ones are refused.",
        low=0,
        high=10_000,
    )
    trusted: dict[ComponentJid, list[ComponentJid]] = setting(
        {},
        "Mirrors of our rooms by their domain, each with the domains of the users for whom it "
        'may speak: {"mirror.example.com" = ["example.com"]}. It is believed whatever it says '
        "of these.",
    )

    def conflicts(self) -> Iterator[tuple[str, str]]:
        for domain in self.local_first:
            if domain not in self.masters:
                yield "local_first", f"has {domain}, which is none of masters"


class Metrics(Section):
    """Figures for Prometheus, about the gateway's work and load. `sluice mirrors` and the like need
    nothing of this."""

    listen: ListenAddress = setting(
        "",
        'Where to serve them (under /metrics): an address and a port, such as "127.0.0.1:9280"; '
        "empty for nowhere. Nobody is asked who they are: keep to addresses that only your "
        "Prometheus reaches.",
    )


class Files(Section):
    """Files beside the database."""

    folder: FolderPath = setting(
        "files",
        "A folder for pictures, stickers and what a plugin writes; made if it is not there. "
        "Relative to the folder of this configuration.",
    )


class Log(Section):
    """What the gateway tells about its work."""

    level: Literal["debug", "info", "warning", "error"] = setting(
        "info", "How much: debug, info, warning or error. With debug it has what people write."
    )
    format: Literal["plain", "json"] = setting(
        "plain", "plain for people, json (an object a line) for programs."
    )
    file: FilePath = setting("", "A file to write to; empty for the standard error output.")


class Config(BaseModel):
    """A whole configuration, complete and checked. Hand each section to whoever needs it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Path = Path()
    """Where it was read from."""

    xmpp: Xmpp
    network: Network
    users: Users
    database: Database = Database()
    rooms: Rooms = Rooms()
    limits: Limits = Limits()
    archive: Archive = Archive()
    presence: Presence = Presence()
    contacts: Contacts = Contacts()
    attachments: Attachments = Attachments()
    mirrors: Mirrors = Mirrors()
    metrics: Metrics = Metrics()
    files: Files = Files()
    log: Log = Log()


SECTIONS: dict[str, type[Section]] = {
    name: field.annotation
    for name, field in Config.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, Section)
}
