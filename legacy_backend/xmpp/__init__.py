"""XMPP itself: a client of rooms, which needs nothing else of this project (`muc`)."""
