"""Distributed rooms (DMUC3): a thin link between two servers is crossed once, not once per user.

The *master* is the room; a *mirror* is a copy of it beside some of its users, which the master
tells everything once, and which tells it on to them. `docs/mirrors.md` has the protocol.
"""
