"""The names of the protocol."""

from __future__ import annotations

DMUC = "http://tridsys.com/protocol/dmuc"
"""Of the feature, and of the tag that says by which mirror a stanza comes."""

STATE = "urn:xmpp:dmuc:0"
"""Of what the master tells a mirror of its state, and of the mirror's request for history."""

OWN = "urn:sluice:mirror:0"
"""Of what the protocol lacks."""

FEATURES = (DMUC, STATE)
TAG = f"{{{DMUC}}}dmuc"
TAGS = (TAG, f"{{{STATE}}}dmuc")
# Each stands in the tag, but for ACCEPTED.
NEW = f"{{{OWN}}}new"
"""Of a join: the mirror knows nothing of the room, and wants to be told everything."""
SHOWN = f"{{{OWN}}}shown"
"""Of a message: the mirror has shown it to its users already."""
AGAIN = f"{{{OWN}}}again"
"""Of a message: it was sent before, and may have come."""
ACCEPTED = f"{{{OWN}}}accepted"
"""In the master's answer to such a message: here are its ids."""

STATE_OF = f"{{{OWN}}}state"
"""What a mirror asks that has missed something: how do things stand? And the answer."""
MISSED = f"{{{OWN}}}missed"
"""By which a master says that it has missed something itself."""

UNREACHABLE = {"gone", "remote-server-not-found", "remote-server-timeout"}
"""Errors by which a server says that the link to the other one is down."""

MOST_BYTES = 200 * 1024
"""Of what is cut into several stanzas; servers end streams at stanzas of 256 or 512 KiB."""
