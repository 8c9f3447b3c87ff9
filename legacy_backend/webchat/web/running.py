"""Running a group: settings, subject, picture, standings, invitations, its end."""

from __future__ import annotations

from typing import TypeVar

from aiohttp import web

from legacy_backend.terms import Affiliation, LegacyError, MemberId, Role
from legacy_backend.webchat import pictures
from legacy_backend.webchat.acts import configure, destroy, invite, standing
from legacy_backend.webchat.network import Network
from legacy_backend.webchat.store import groups
from legacy_backend.webchat.web.asked import asked, body
from legacy_backend.webchat.web.config import read_config
from legacy_backend.webchat.web.groups import group_of
from legacy_backend.webchat.web.guard import me
from legacy_backend.webchat.web.veil import veil_for

_DONE = 204

T = TypeVar("T", Affiliation, Role)


class Running:
    def __init__(self, network: Network) -> None:
        self._network = network

    def routes(self) -> list[web.RouteDef]:
        group = "/api/groups/{group}"
        return [
            web.patch(group, self.set_config),
            web.delete(group, self.destroy),
            web.put(f"{group}/subject", self.set_subject),
            web.put(f"{group}/picture", self.set_picture),
            web.delete(f"{group}/picture", self.remove_picture),
            web.post(f"{group}/members/{{member}}/kick", self.kick),
            web.put(f"{group}/members/{{member}}/affiliation", self.set_affiliation),
            web.put(f"{group}/members/{{member}}/role", self.set_role),
            web.post(f"{group}/invitations", self.invite),
            web.post(f"{group}/decline", self.decline),
            web.get("/pictures/{group}/{picture}.png", self.picture),
        ]

    async def set_config(self, request: web.Request) -> web.Response:
        changes = read_config(await asked(request))
        await self._network.act(configure.set_config, me(request), group_of(request), changes)
        return web.Response(status=_DONE)

    async def destroy(self, request: web.Request) -> web.Response:
        reason = (await asked(request)).text("reason", "")
        await self._network.act(destroy.destroy, me(request), group_of(request), reason)
        return web.Response(status=_DONE)

    async def set_subject(self, request: web.Request) -> web.Response:
        text = (await asked(request)).text("text")
        await self._network.act(configure.set_subject, me(request), group_of(request), text)
        return web.Response(status=_DONE)

    async def set_picture(self, request: web.Request) -> web.Response:
        """The body is the picture itself."""
        actor, most = me(request), self._network.settings.max_picture
        data = await body(request, most)
        drawn = await self._network.aside(pictures.group_picture, data, most)
        await self._network.act(configure.set_picture, actor, group_of(request), drawn)
        return web.Response(status=_DONE)

    async def remove_picture(self, request: web.Request) -> web.Response:
        await self._network.act(configure.set_picture, me(request), group_of(request), None)
        return web.Response(status=_DONE)

    async def picture(self, request: web.Request) -> web.Response:
        """Under an id that changes with the bytes, so that it may be kept for good."""
        found = await self._network.look(groups.picture, group_of(request))
        if found is None or found.id != request.match_info["picture"]:
            raise LegacyError("item-not-found", "There is no such picture.")
        headers = {"Cache-Control": "private, max-age=31536000, immutable"}
        return web.Response(body=found.data, content_type=found.media_type, headers=headers)

    async def kick(self, request: web.Request) -> web.Response:
        reason, member = (await asked(request)).text("reason", ""), await self._member(request)
        await self._network.act(standing.kick, me(request), group_of(request), member, reason)
        return web.Response(status=_DONE)

    async def set_affiliation(self, request: web.Request) -> web.Response:
        wish, member = await asked(request), await self._member(request)
        affiliation = _rank(Affiliation, wish.text("affiliation"))
        await self._network.act(
            standing.set_affiliation,
            me(request),
            group_of(request),
            member,
            affiliation,
            wish.text("reason", ""),
        )
        return web.Response(status=_DONE)

    async def set_role(self, request: web.Request) -> web.Response:
        wish, member = await asked(request), await self._member(request)
        role = _rank(Role, wish.text("role"))
        await self._network.act(
            standing.set_role,
            me(request),
            group_of(request),
            member,
            role,
            wish.text("reason", ""),
        )
        return web.Response(status=_DONE)

    async def invite(self, request: web.Request) -> web.Response:
        """Who is invited is named by the id of their account."""
        wish = await asked(request)
        invitee, reason = MemberId(wish.text("person")), wish.text("reason", "")
        await self._network.act(invite.invite, me(request), group_of(request), invitee, reason)
        return web.Response(status=_DONE)

    async def decline(self, request: web.Request) -> web.Response:
        reason = (await asked(request)).text("reason", "")
        await self._network.act(invite.decline, me(request), group_of(request), None, reason)
        return web.Response(status=_DONE)

    async def _member(self, request: web.Request) -> MemberId:
        secret, group = self._network.database.secret, group_of(request)
        veil = await self._network.look(veil_for, secret, me(request), group)
        return await self._network.look(veil.behind, request.match_info["member"])


def _rank(kind: type[T], word: str) -> T:
    try:
        return kind[word.upper()]
    except KeyError:
        words = ", ".join(one.name.lower() for one in kind)
        raise LegacyError("not-acceptable", f"One of these: {words}.") from None
