"""What can be set about the network of XMPP accounts, each fact once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from slixmpp import JID

from legacy_backend.xmpp.muc.names import address

OPTIONS: Mapping[str, tuple[type, Any, str]] = {
    "services": (
        str,
        "",
        "Services whose public rooms are searched; the first is where new rooms are made.",
    ),
    "servers": (
        str,
        "",
        "Domains whose accounts may be used, with spaces between them; all if empty.",
    ),
    "connect": (
        str,
        "",
        "Where servers are, if not where DNS says: domain=host:port, with spaces between them.",
    ),
    "unencrypted": (
        str,
        "",
        "Domains of servers on this machine, which are talked to without TLS.",
    ),
    "puppets": (
        str,
        "",
        "A component's domain, such as puppets.example.org, for users who have no account there.",
    ),
    "puppets_secret": (str, "", "The secret of that component, as its server has it."),
    "puppets_host": (str, "127.0.0.1", "Where that server takes components: host name or address."),
    "puppets_port": (int, 5347, "The port there."),
    "login_seconds": (int, 30, "How long a user who logs in waits for the account's server."),
    "look_ups_a_second": (int, 10, "Pages of archives that are asked of one server; 1 is gentle."),
}


@dataclass(frozen=True, slots=True)
class Puppets:
    """The component whose addresses users have."""

    domain: str
    secret: str
    host: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The options, as values. Domains are in lower case; `puppets` None if there are none."""

    services: tuple[JID, ...] = ()
    servers: frozenset[str] = frozenset()
    places: Mapping[str, tuple[str, int]]
    unencrypted: frozenset[str] = frozenset()
    puppets: Puppets | None = None
    login_seconds: int = 30
    look_ups_a_second: int = 10

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> Settings:
        """What `options` says, defaults where it says nothing.

        Raises ValueError with what is wrong.
        """
        for key, words in problems(options):
            raise ValueError(f"{key} {words}")
        said = {key: options.get(key, default) for key, (_, default, _) in OPTIONS.items()}
        component = (said[f"puppets{of}"] for of in ("_secret", "_host", "_port"))
        domain = said["puppets"].strip().lower()
        return cls(
            services=tuple(map(JID, said["services"].lower().split())),
            servers=frozenset(said["servers"].lower().split()),
            places=dict(_place(one) for one in said["connect"].lower().split()),
            unencrypted=frozenset(said["unencrypted"].lower().split()),
            puppets=Puppets(domain, *component) if domain else None,
            login_seconds=said["login_seconds"],
            look_ups_a_second=said["look_ups_a_second"],
        )


def problems(options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with options whose types are right: (option, words that go on from it)."""
    for key in ("services", "servers", "unencrypted"):
        for domain in options.get(key, "").split():
            if not _is_domain(domain):
                yield key, f"is domains such as rooms.example.org, not {domain!r}"
    for place in options.get("connect", "").split():
        try:
            _place(place)
        except ValueError:
            yield "connect", f"is such as example.org=127.0.0.1:5222, not {place!r}"
    yield from _puppets(options)
    for key in ("login_seconds", "look_ups_a_second"):
        if not 1 <= options.get(key, 1) <= 1000:
            yield key, f"is from 1 to 1000, not {options[key]}"


def _puppets(options: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    domain, secret = options.get("puppets", "").strip(), options.get("puppets_secret", "")
    if domain and not _is_domain(domain):
        yield "puppets", f"is a domain such as puppets.example.org, not {domain!r}"
    if domain.lower() in options.get("services", "").lower().split():
        yield "puppets", f"is where users have addresses, and {domain} is one of the services"
    if domain and not secret:
        yield "puppets_secret", f"is missing: the secret of the component {domain}"
    if secret and not domain:
        yield "puppets", "is missing: the domain of the component that puppets_secret is for"
    if not options.get("puppets_host", "-").strip():
        yield "puppets_host", "is a host name or an address, and not empty"
    if not 0 < options.get("puppets_port", 1) < 65536:
        yield "puppets_port", f"is from 1 to 65535, not {options['puppets_port']}"


def _is_domain(text: str) -> bool:
    jid = address(text)
    return jid is not None and jid.full == jid.domain


def _place(text: str) -> tuple[str, tuple[str, int]]:
    """Raises ValueError."""
    domain, _, where = text.partition("=")
    host, _, port = where.rpartition(":")
    if not _is_domain(domain) or not host or not 0 < int(port) < 65536:
        raise ValueError(text)
    return domain, (host.strip("[]"), int(port))
