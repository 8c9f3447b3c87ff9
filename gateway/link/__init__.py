"""The stream to the XMPP server: connecting, coming back, and what waits meanwhile."""
