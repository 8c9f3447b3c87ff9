"""`SlidgeTest`, for plugins' tests (seed: slidge.util.test.SlidgeTest)."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Coroutine
from contextlib import AsyncExitStack, closing
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import slidge.util.test
from slidge.core import config as slidge_config
from slidge.db import GatewayUser
from slixmpp import JID, Iq

from gateway.component import Gateway
from gateway.config import Config, parse
from gateway.config.for_slidge import tell_slidge
from gateway.group import LegacyMUC, LegacyParticipant
from gateway.ids import Ids
from gateway.room.state import OccupantId
from gateway.run import running
from gateway.testing.loop import Loop
from gateway.testing.wire import Wire, stanzas_of
from legacy_backend.terms import MemberId

T = TypeVar("T")

CONFIG = """
[xmpp]
jid = "{jid}"
secret = "test"
ping_seconds = 0
[database]
url = "sqlite:///{folder}/sluice.sqlite"
durable = false
[network]
plugin = "gateway.testing"
picture = "none"
[users]
allowed = ".*"
[files]
folder = "{folder}"
"""


_Slidges: Any = cast(Any, slidge.util.test).SlidgeTest


class SlidgeTest(_Slidges):  # type: ignore[misc]
    """A gateway with the classes of `plugin`, for each test, and the server's end of its stream.

    As slidge's, with these differences. `recv` and `send` let the gateway come to rest first, so
    that nothing has to be waited for. `id`s of messages in rooms are the network's own. What the
    login of `setup_logged_session` and `_add_slidge_user` sends counts as read.
    """

    xmpp: Any
    room: LegacyMUC[Any]
    first_witch: LegacyParticipant[Any]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        if hasattr(cls, "plugin"):  # slidge's own forgets these
            helper: Any = slidge.util.test
            found = helper.find_subclass(cls.plugin, LegacyParticipant, base_ok=True)
            own: Any = LegacyParticipant
            own._SubclassableOnce__subclasses[LegacyParticipant] = found

    def setUp(self) -> None:
        super(_Slidges, self).setUp()
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        shutil.copy(_database(), folder / "sluice.sqlite")
        config = _config(folder, getattr(self.Config, "jid", "aim.shakespeare.lit"))
        tell_slidge(config)
        for name, value in vars(self.Config).items():
            if not name.startswith("_"):
                setattr(slidge_config, name.upper(), value)
        self.loop = Loop()
        self.addCleanup(self.loop.close)
        self.loop.begin()
        self._stack = AsyncExitStack()
        self.addCleanup(lambda: self.loop.run_until_complete(self._stack.aclose()))
        self.loop.run_until_complete(self._start(config))

    async def _start(self, config: Config) -> None:
        starting = running(config, dial=False, make=Gateway.get_unique_subclass)
        gateway: Any = await self._stack.enter_async_context(starting)
        self.xmpp = gateway
        self._stack.callback(setattr, gateway, "transport", None)
        gateway.rooms.host.ids = NetworksIds(b"only a test" * 2)
        self.db_engine = gateway.store._engine
        self._wire = gateway.transport = gateway.socket = Wire()
        gateway.outbox.connected(self._wire)
        gateway._greeted = gateway._session_started = True
        gateway.starting = False
        gateway.use_message_ids = gateway.use_presence_ids = False
        gateway.default_lang = gateway.peer_default_lang = None
        gateway._id_front, gateway._ids = "", 0
        gateway.new_id = self._new_id
        slixmpps_own = self.loop.create_task(gateway.run_filters())
        self._stack.callback(slixmpps_own.cancel)

    def _new_id(self) -> str:
        self.xmpp._ids += 1
        return str(self.xmpp._ids)

    def tearDown(self) -> None:
        """Leave the end to `addCleanup`, which runs whatever `setUp` came to."""

    # The stream

    def recv(self, data: str | bytes, *_: Any, **__: Any) -> None:
        """Have the gateway receive stanzas, and do what comes of them."""
        self.wait_()
        for stanza in stanzas_of(data.encode() if isinstance(data, str) else data):
            self.xmpp._spawn_event(stanza)
        self.wait_()

    def wait_for_send_queue(self) -> None:
        """Let the gateway come to rest."""
        database = self.xmpp.rooms.host.archive._db
        queue = self.xmpp.waiting_queue
        busy = lambda: bool(database.waiting or queue.qsize())  # noqa: E731
        self.loop.run_until_complete(self.loop.quiet(busy))

    def wait_(self, timeout: float | None = None) -> None:
        """As `wait_for_send_queue`. `timeout` is slixmpp's, and does nothing."""
        self.wait_for_send_queue()

    def run_coro(self, coro: Coroutine[Any, Any, T]) -> T:
        result: T = self.loop.run_until_complete(coro)
        return result

    def forget_sent(self) -> None:
        """Count all that was sent until now as read."""
        self.wait_()
        self._wire.forget()

    # Users and rooms

    def _add_slidge_user(
        self,
        jid: str | JID = "romeo@shakespeare.lit",
        legacy_module_data: dict[str, Any] | None = None,
        preferences: dict[str, Any] | None = None,
    ) -> None:
        """Register a user, and log them in."""
        preferences = preferences or {"sync_avatar": False, "sync_presence": False}
        full = JID(jid)
        self.run_coro(self._register(full, legacy_module_data or {}, preferences))
        self.forget_sent()

    async def _register(self, jid: JID, data: Any, preferences: Any) -> None:
        user = GatewayUser(jid=JID(jid.bare), legacy_module_data=data, preferences=preferences)
        await self.loop.run_in_executor(None, self._store, user)
        dispatcher = self.xmpp.slidges("dispatcher")
        await dispatcher._on_user_register(Iq(sfrom=jid))  # type: ignore[no-untyped-call]

    def _store(self, user: GatewayUser) -> None:
        with self.xmpp.store.session() as orm:
            orm.add(user)
            orm.commit()

    def setup_logged_session(self, n_contacts: int = 0) -> None:
        """Have `romeo` logged in, who knows `juliet`, and is in `room` with the `first_witch`."""
        data = {"username": "romeo", "city": ""}
        preferences = {"sync_avatar": True, "sync_presence": True}
        self._add_slidge_user("romeo@montague.lit/gajim", data, preferences)
        self.romeo = self.user_session("romeo@montague.lit")
        assert self.romeo.logged, "romeo could not be logged in"
        self.juliet = self.run_coro(self.romeo.contacts.by_legacy_id("juliet"))
        self.room = self.run_coro(self.romeo.bookmarks.by_legacy_id("room"))
        self.first_witch = self.run_coro(self.room.get_participant("firstwitch"))
        self.forget_sent()


class NetworksIds(Ids):
    """Ids that a test can foretell: those of the network."""

    _made = 0

    def stanza_id(self, room: str, legacy_id: str | None) -> str:
        if legacy_id is not None:
            return legacy_id
        self._made += 1
        return f"stanza-{self._made}"

    def occupant_id(self, room: str, member: MemberId) -> OccupantId:
        return OccupantId(member)


def _config(folder: Path, jid: str) -> Config:
    return parse(CONFIG.format(folder=folder, jid=jid), folder / "config.toml", {})


@cache
def _database() -> Path:
    """An empty database, made once."""
    from gateway.migrate import migrate
    from gateway.slidge_tables import migrate_slidge

    folder = Path(tempfile.mkdtemp(prefix="sluice-test-"))
    config = _config(folder, "gw.example.org")
    tell_slidge(config)
    migrate(config.database.url)
    migrate_slidge(config.database.url)
    with closing(sqlite3.connect(folder / "sluice.sqlite")) as connection:
        connection.execute("VACUUM INTO ?", (str(folder / "whole.sqlite"),))
    return folder / "whole.sqlite"
