"""The configuration: one TOML file, checked whole before anything starts.

`load` reads it; `sections` is where every setting stands with its type, default, bounds and words.
"""

from gateway.config.load import load, parse
from gateway.config.problem import Problem
from gateway.config.sections import (
    Archive,
    Attachments,
    Config,
    Contacts,
    Database,
    Files,
    Limits,
    Log,
    Mirrors,
    Network,
    Presence,
    Rooms,
    Users,
    Xmpp,
)

__all__ = [
    "Archive",
    "Attachments",
    "Config",
    "Contacts",
    "Database",
    "Files",
    "Limits",
    "Log",
    "Mirrors",
    "Network",
    "Presence",
    "Problem",
    "Rooms",
    "Users",
    "Xmpp",
    "load",
    "parse",
]
