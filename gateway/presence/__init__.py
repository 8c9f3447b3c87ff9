"""Presence outside of rooms: who may see whom, who is there, and telling so (RFC 6121 §3, §4)."""
