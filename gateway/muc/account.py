"""Registering with the gateway, changing that, and leaving (XEP-0077, XEP-0100 §4.1 to §4.3)."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from slixmpp import JID
from slixmpp.exceptions import XMPPError

from gateway.muc.forms import FORM
from gateway.slidge_users import add_user

if TYPE_CHECKING:
    from gateway.component import Gateway

log = logging.getLogger(__name__)


class Accounts:
    """Does for slidge's XEP-0077 what its own dispatcher does otherwise.

    COMPAT: slidge 0.4.2 changes anybody's registration only while there is one user, does not say
    that one is registered, and takes any `<remove/>` for good.
    """

    def __init__(self, gateway: Gateway[Any]) -> None:
        self._gateway = gateway
        self._slidges_form = gateway.make_registration_form
        api: Any = gateway.plugin["xep_0077"].api
        api.register(self._form, "make_registration_form")
        api.register(self._register, "user_validate")
        api.register(self._change, "user_modify")
        api.register(self._leave, "user_remove")

    async def _form(self, jid: JID, node: str, sender: JID, iq: Any) -> Any:
        """What registration asks; or where else it is done, and nothing but that (§5)."""
        asked = iq.get_from()
        session = self._gateway.get_session_from_jid(asked)
        url = type(self._gateway).registration_url
        if url and session is None:
            self._gateway.raise_if_not_allowed_jid(asked)
            reply = iq.reply()
            reply["register"]["instructions"] = self._gateway.REGISTRATION_INSTRUCTIONS
            reply["register"]["oob"]["url"] = url
            return reply
        reply = await self._slidges_form(jid, node, sender, iq)
        if session is not None:
            reply["register"]["registered"] = True
        return reply

    async def _register(self, _jid: JID, _node: str, sender: JID, answers: Any) -> None:
        self._gateway.raise_if_not_allowed_jid(sender)
        if type(self._gateway).registration_url:
            raise XMPPError("not-allowed", "Register at the address that is told you.")
        data = await self._tried(sender, answers)
        if self._gateway.is_user(sender.bare):  # another client of theirs was faster
            return
        await asyncio.to_thread(add_user, self._gateway.store, JID(sender.bare), data)
        log.info("registered %s", sender.bare)

    async def _change(self, _jid: JID, _node: str, sender: JID, answers: Any) -> None:
        """Use other credentials from now on, once they are known to work."""
        session: Any = self._gateway.get_session_from_jid(sender)
        data = await self._tried(sender, answers)
        session.user.legacy_module_data = data
        await asyncio.to_thread(self._gateway.store.users.update, session.user)
        session.create_task(self._log_in_again(session))

    async def _log_in_again(self, session: Any) -> None:
        if session.logged:
            session.logged = False
            await session.logout()
        await self._gateway.login_wrap(session)

    async def _tried(self, sender: JID, answers: Any) -> Any:
        """What is to be kept of the answers, which the network has accepted.

        Raises XMPPError: "not-acceptable" if something is missing or cannot be.
        """
        gateway = self._gateway
        given = {field.var: answers.get(field.var) or None for field in gateway.REGISTRATION_FIELDS}
        try:
            kept = await gateway.user_prevalidate(sender, given)
        except ValueError as no:
            raise XMPPError("not-acceptable", str(no), etype="modify") from no
        except XMPPError:
            raise
        except Exception as error:
            log.exception("the registration of %s failed", sender.bare)
            raise XMPPError("internal-server-error", "Something went wrong.") from error
        return given if kept is None else kept

    async def _leave(self, _jid: Any, _node: Any, sender: JID, iq: Any) -> None:
        """Raises XMPPError for a request that cannot be, or by somebody who is not registered.

        What is to be done follows upon the event that slidge raises when it has answered.
        """
        query = None if iq is None else iq.xml.find("{jabber:iq:register}query")
        # (slixmpp has put an empty form in by looking for one)
        if query is not None and len([c for c in query if c.tag != FORM or len(c)]) != 1:
            raise XMPPError("bad-request", "Nothing stands beside <remove/>.", etype="modify")
        if not self._gateway.is_user(sender.bare):
            raise XMPPError("registration-required", "You are not registered.", etype="auth")
