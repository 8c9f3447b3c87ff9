"""The demo: a real XMPP server, the gateway, the web chat and a real XMPP web client on one page.

`python -m demo` starts it. The parts are apart so that tests can use them too: `ports`, `child`
and `prosody` know nothing of the gateway.
"""
