"""Stanzas as text, from what the room's state says is to be shown."""
