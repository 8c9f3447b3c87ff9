"""Whether users are shown the presence of contacts: what plugins and slixmpp may say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.presence.policy import Policy

if TYPE_CHECKING:
    from gateway.presence.desk import Desk


class Subscriptions:
    """The part of the gateway that deals in them, under slixmpp's names."""

    desk: Desk

    async def allow_subscription(self, session: Any, contact: Any, text: str) -> bool | None:
        """Whether a user may see the presence of a contact; None is the gateway itself.

        Asked where the configuration says `ask`. `text` is what the user wrote. None leaves it
        open: the contact's `accept_friend_request` or `reject_friend_request` ends that, some day.
        Friends may; of others, slidge's `on_friend_request` is told. Raises XMPPError for no.
        """
        if contact is None or contact.is_friend:
            return True
        await contact.on_friend_request(text)
        return None

    @property
    def auto_authorize(self) -> bool | None:
        """What becomes of requests to see a contact: True accepts, False rejects, None asks
        `allow_subscription`."""
        return self.desk.subscribing.contacts.auto_authorize

    @auto_authorize.setter
    def auto_authorize(self, value: bool | None) -> None:
        if hasattr(self, "desk"):  # slixmpp sets defaults of its own while it is made
            self.desk.subscribing.contacts = Policy.of(value, self.auto_subscribe)

    @property
    def auto_subscribe(self) -> bool:
        """Whether a contact whose presence was asked for asks for the user's in turn."""
        return self.desk.subscribing.contacts.auto_subscribe

    @auto_subscribe.setter
    def auto_subscribe(self, value: bool) -> None:
        if hasattr(self, "desk"):
            self.desk.subscribing.contacts = Policy.of(self.auto_authorize, value)
