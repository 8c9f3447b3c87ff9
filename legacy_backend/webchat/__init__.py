"""Web chat: the network that comes with the gateway, and a small chat server of its own.

People use it with a browser, programs by REST and WebSocket (`docs/webchat-api.md`), the gateway
through `WebChatBackend`. All of them act through the functions in `acts`, which hold the rules;
`store` keeps rows, `web` speaks HTTP, `page` is what a browser loads.
"""

from legacy_backend.webchat.account import WebChatAccount
from legacy_backend.webchat.backend import WebChatBackend

__all__ = ["WebChatAccount", "WebChatBackend"]
