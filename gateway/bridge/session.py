"""A user's login to a backend."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from slidge.command import FormField, SearchResult
from slidge.core.session import BaseSession
from slixmpp.exceptions import XMPPError

from gateway.bridge.contact import BridgeContact
from gateway.bridge.refusals import refusals
from legacy_backend import Group, GroupConfig, LegacyAccount, LegacyError, MemberId, UserId
from legacy_backend.values import LoginState

if TYPE_CHECKING:
    from gateway.bridge.gateway import BridgeGateway

SHOWS: dict[LoginState, Any] = {
    LoginState.CONNECTING: "dnd",
    LoginState.CONNECTED: "chat",
    LoginState.BACKFILLING: "chat",
    LoginState.TRANSIENT_DISCONNECT: "away",
    LoginState.BAD_CREDENTIALS: "dnd",
    LoginState.LOGGED_OUT: "dnd",
    LoginState.UNKNOWN_ERROR: "dnd",
}
"""How the gateway's presence shows each state of a login."""


class BridgeSession(BaseSession[BridgeContact]):
    """One user's session; `account` is their login, None while there is none."""

    xmpp: BridgeGateway

    def __init__(self, user: Any) -> None:
        super().__init__(user)
        self._account: LegacyAccount | None = None
        self.state = LoginState.CONNECTING
        self._told: LoginState | None = None
        self._noting = asyncio.Lock()
        self.makes_groups = 0
        """How many groups the user is just making: of those they need not be told."""

    @property
    def user_id(self) -> UserId:
        return UserId(self.user_jid.bare)

    @property
    def account(self) -> LegacyAccount:
        """The login.

        Raises XMPPError "recipient-unavailable" while there is none.
        """
        if self._account is None:
            raise XMPPError("recipient-unavailable", "You are not logged in to the network.")
        return self._account

    @property
    def account_member(self) -> MemberId | None:
        """Who the user is on the network, None if they are not logged in."""
        return None if self._account is None else self._account.member_id

    async def login(self) -> str | None:
        credentials = {str(k): str(v or "") for k, v in self.user.legacy_module_data.items()}
        try:
            account = await self.xmpp.backend.login(self.user_id, credentials)
        except LegacyError as no:
            bad = no.condition == "not-authorized"
            self.state = LoginState.BAD_CREDENTIALS if bad else LoginState.UNKNOWN_ERROR
            raise XMPPError(no.condition, no.text) from no
        self._account = account
        self.contacts.user_legacy_id = account.member_id
        self.bookmarks.user_nick = account.name
        self.state = LoginState.CONNECTED
        return f"Connected as {account.name}"

    async def note(self, notes: Mapping[str, str]) -> None:
        """Keep what the network wants to be told at the next login; "" forgets."""
        async with self._noting:
            user = self.user
            kept = {**user.legacy_module_data, **notes}
            gone = {name for name, value in notes.items() if not value}
            user.legacy_module_data = {n: value for n, value in kept.items() if n not in gone}
            await asyncio.to_thread(self.xmpp.store.users.update, user)

    async def logout(self) -> None:
        account, self._account = self._account, None
        if account is not None:
            await account.close()

    def show_state(self, state: LoginState, text: str) -> None:
        """Show where the login stands, and say so once if the user has to do something."""
        if state is self.state:
            return
        self.state = state
        if state is LoginState.CONNECTED:
            self._told = None
            if self._account is None:  # it was lost, and is back: another one is needed
                if not self.is_logging_in:
                    self.create_task(self.xmpp.login_wrap(self))
                return
        if state.needs_user:
            self._lose_login()
        self.send_gateway_status(text or state.value.replace("-", " "), show=SHOWS[state])
        if state.needs_user and self._told is not state:
            self._told = state
            self.send_gateway_message(text or "You are logged out of the network.")

    def _lose_login(self) -> None:
        """The network has ended the login: nothing can be done there until there is another."""
        if self._account is None:
            return
        self.logged = False
        self.create_task(self.logout())

    async def on_search(self, form_values: dict[str, str]) -> SearchResult:
        """Find a person by their id on the network (XEP-0100 §6.3, XEP-0055)."""
        member = MemberId(form_values.get("id", "").strip())
        contact = await self.contacts.by_legacy_id(member)
        return SearchResult(
            fields=[FormField("jid", label="Address"), FormField("name", label="Name")],
            items=[{"jid": contact.jid.bare, "name": contact.name}],
        )

    async def on_create_group(self, name: str, contacts: list[BridgeContact]) -> str:
        with refusals():
            group = await self.make_group("", GroupConfig(name=name))
            for contact in contacts:
                await self.account.invite(group.id, contact.member, "")
        return group.id

    async def make_group(self, wish: str, config: GroupConfig) -> Group:
        """Have the network make a group of the user's."""
        self.makes_groups += 1
        try:
            return await self.account.create_group(wish, config)
        finally:
            self.makes_groups -= 1
