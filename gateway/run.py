"""Running the gateway: everything is put together here, started, and ended in order."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import logging
import signal
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gateway.config import Config
from gateway.config.for_slidge import tell_slidge
from gateway.logs import logging_as
from gateway.slidge_version import require_tested

if TYPE_CHECKING:
    from gateway.component import Gateway
    from gateway.database.courtesy import Courtesy
    from gateway.group.host import Host
    from gateway.group.rooms import Rooms

log = logging.getLogger(__name__)

LAST_WORDS_SECONDS = 8.0
"""What ending may take; whatever is not done then is left (SIGTERM promises ten seconds)."""


def run(config: Config) -> int:
    """Run the gateway until it is told to end; returns the exit code.

    Raises ConfigError for a version of slidge, or options of a plugin, that will not do, and
    DatabaseError for a database; nothing has been started then.
    """
    require_tested()
    config.files.folder.mkdir(parents=True, exist_ok=True)
    gc.disable()  # until all is there that is to stay
    try:
        with logging_as(config.log):
            tell_slidge(config)
            _migrate(config)
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                return runner.run(_serve(config))
    finally:
        gc.enable()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop, where it is installed."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def _migrate(config: Config) -> None:
    from gateway.migrate import migrate
    from gateway.slidge_tables import migrate_slidge

    migrate(config.database.url)
    migrate_slidge(config.database.url)


async def _serve(config: Config) -> int:
    from gateway.group.lasting import lasting
    from gateway.metrics.server import answering

    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with running(config) as gateway, answering(gateway, config):
        lasting.all()
        gc.enable()
        log.info("ready")
        await stopping.wait()
        log.info("ending")
    return 0


@asynccontextmanager
async def running(
    config: Config, *, dial: bool = True, make: Callable[[], Any] | None = None
) -> AsyncIterator[Gateway[Any]]:
    """The gateway, up while the block runs, in this event loop. `tell_slidge` comes before.

    `make` gives its class, once all is there for it; None has the one that is configured.
    """
    from gateway.archive import Archive, Gaps
    from gateway.component import Gateway
    from gateway.database import Database
    from gateway.group.host import Host, Limits
    from gateway.group.rooms import Rooms
    from gateway.ids import ids_of
    from gateway.link.outbox import Outbox
    from gateway.mirror.trust import Trust
    from gateway.muc.rates import Rates
    from gateway.presence.ledger import Ledger
    from gateway.store import Store
    from gateway.upkeep import Tools

    url, durable = config.database.url, config.database.durable
    database = await asyncio.to_thread(lambda: Database(url, durable=durable))
    await database.open()
    try:
        store = Store(database)
        outbox = Outbox(config.xmpp.outbox_max_mib << 20, lambda: _told_of_loss(rooms))
        host = Host(
            domain=config.xmpp.jid,
            ids=await ids_of(store),
            archive=Archive(database),
            gaps=Gaps(database),
            store=store,
            outbox=outbox,
            trust=Trust(config.mirrors.trusted),
            limits=Limits(
                history_max=config.rooms.history_max,
                page_default=config.archive.page_default,
                page_max=config.archive.page_max,
                message_chars=config.rooms.max_message_chars,
                picture_presence=config.rooms.picture_presence,
                backfill_first=config.archive.backfill_first,
                backfill_pages=config.archive.backfill_pages_per_minute,
                keep=timedelta(days=config.archive.keep_days) or None,
            ),
        )
        await host.retention.load()
        rooms = Rooms(host)
        await rooms.load()
        Gateway.rooms, Gateway.outbox = rooms, outbox
        Gateway.tools = Tools.of(config, database)
        Gateway.rates = Rates(config.limits.by_kind())
        Gateway.presence, Gateway.ledger = config.presence, Ledger(store)
        await Gateway.ledger.load()
        Gateway.picture = config.network.picture
        Gateway.auto_register = config.users.auto_register
        Gateway.room_creation = config.rooms.creation
        Gateway.allows = config.users.allows
        Gateway.reconnect_max = float(config.xmpp.reconnect_max_seconds)
        Gateway.ping_every = float(config.xmpp.ping_seconds)
        await asyncio.to_thread(_prepare_slidge, config, database.courtesy)
        Gateway.mirroring = config.mirrors
        gateway = (make() if make is not None else await _gateway_class(config))()
        chores = [asyncio.create_task(chore) for chore in _chores(config, gateway, host)]
        for chore in chores:
            chore.add_done_callback(_told_if_failed)
        try:
            await gateway.open_network()
            if dial:
                await gateway.know_users()
                gateway.dial()
            yield gateway
        finally:
            for chore in chores:
                chore.cancel()
            await gateway.long_work.end()
            await _end(gateway, rooms, leave=config.rooms.leave_on_stop)
            await asyncio.to_thread(_forget_slidges)
    finally:
        await database.close()


def _told_if_failed(chore: asyncio.Task[None]) -> None:
    """What runs for ever has ended: say so."""
    if not chore.cancelled() and (error := chore.exception()) is not None:
        log.error("a chore has ended", exc_info=error)


def _chores(
    config: Config, gateway: Gateway[Any], host: Host
) -> Iterator[Coroutine[Any, Any, None]]:
    """What goes on in the background for as long as the gateway runs."""
    from gateway.retention import expire
    from gateway.sparing import Sparing

    yield gateway.storing.watch(host.archive)
    for end in gateway.mirror_ends:
        yield end.watch()
    yield host.filler.run()
    yield host.resting.run()
    yield Sparing(gateway.tools.database).run()
    if config.rooms.seat_ping_minutes:
        yield gateway.watch.run(timedelta(minutes=config.rooms.seat_ping_minutes))
    yield expire(host, gateway.rooms)


def _prepare_slidge(config: Config, courtesy: Courtesy) -> None:
    """Open slidge's own store and its cache of pictures. Blocks."""
    from slidge.core.gateway import BaseGateway
    from slidge.db import SlidgeStore
    from slidge.db.avatar import avatar_cache

    from gateway.slidge_engine import slidge_engine

    store = SlidgeStore(slidge_engine(config.database.url, courtesy))
    BaseGateway.store = store
    avatar_cache.store = store.avatars
    folder = Path(config.files.folder) / "avatars"
    folder.mkdir(parents=True, exist_ok=True)
    avatar_cache.set_dir(folder)


def _forget_slidges() -> None:
    """Let go of the connections of slidge's store. Blocks."""
    from slidge.core.gateway import BaseGateway

    BaseGateway.store._engine.dispose()


async def _gateway_class(config: Config) -> Any:
    if config.network.plugin:
        from gateway.component import Gateway
        from gateway.plugin import load_plugin

        load_plugin(config.network.plugin, config.network.options)
        return Gateway.get_unique_subclass()
    bridge = await asyncio.to_thread(importlib.import_module, "gateway.bridge")
    backend = config.network.backend_class(config.network.options)
    backend.own_address = config.xmpp.jid
    return bridge.BridgeGateway.of(backend, config.network.name)


def _told_of_loss(rooms: Rooms) -> None:
    """What was held for the server had to be let go: everybody seated has to join again."""
    from gateway.room.removal import close

    for live in (*rooms, *rooms.elsewhere.values()):
        live.show(close(live.room, codes=(333,), reason="Some messages were lost; join again."))


def _told_of_end(rooms: Rooms) -> None:
    """Put everybody seated out, as a service does that shuts down (XEP-0045 §11.2)."""
    from gateway.room.removal import close

    for live in (*rooms, *rooms.elsewhere.values()):
        live.show(close(live.room, codes=(332,), reason="The gateway is going down."))


async def _end(gateway: Gateway[Any], rooms: Rooms, *, leave: bool) -> None:
    """Finish what is in flight, and keep everything; seats stay for the next process, unless
    everybody is to `leave`."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(gateway.router.lines.idle(), LAST_WORDS_SECONDS / 4)
    if leave:
        _told_of_end(rooms)
    try:
        await asyncio.wait_for(gateway.stop(), LAST_WORDS_SECONDS / 2)
    except TimeoutError:
        log.warning("the network or the server took too long to say goodbye")
    except Exception:
        log.exception("the network or the server could not be left in order")
    for live in (*rooms, *rooms.elsewhere.values()):
        live.keeping.write()
        live.keeping.end()
    from slidge.db.avatar import avatar_cache

    avatar_cache.close()
