"""The demo as a whole: everything is started in its order and ended in the opposite one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from demo.client import Account, converse
from demo.gateway import Gateway, Link
from demo.group import GROUP, host_of
from demo.memory import Memory, recall, remember
from demo.ports import LOOPBACK, Port, port_or_another
from demo.prosody import Prosody
from demo.site import site
from demo.visit import visit

DOMAIN = "localhost"
COMPONENT = f"chat.{DOMAIN}"
USER = "robin"
NICK = "Robin"


@dataclass(frozen=True)
class Demo:
    """What runs, and where."""

    address: str
    """Of the page."""
    webchat: str
    account: Account
    prosody: Prosody
    gateway: Gateway


@asynccontextmanager
async def demo(
    folder: Path, *, say: Callable[[str], None] = print, page_port: int | None = None
) -> AsyncIterator[Demo]:
    """The demo, up while the block runs, with its data in `folder`.

    Ports are those of the last start in this folder unless somebody has taken them meanwhile;
    `page_port` overrides that of the page, 0 takes any.
    """
    folder = folder.absolute()  # noqa: ASYNC240  (asks for the current folder only)
    memory = recall(folder)
    if page_port is not None:
        memory.page_port = page_port
    async with AsyncExitStack() as ending:
        ports = _take_ports(memory, ending)
        remember(folder, memory)

        say("Starting Prosody ...")
        prosody = Prosody(
            folder / "prosody",
            {COMPONENT: memory.component_secret},
            {USER: memory.password},
            ports=(memory.c2s_port, memory.component_port, memory.http_port),
        )
        ending.push_async_callback(prosody.close)
        await prosody.start()

        say("Starting the gateway, with the web chat in it ...")
        page = f"http://{LOOPBACK}:{ports.page.number}"
        link = Link(
            jid=COMPONENT,
            secret=memory.component_secret,
            component_port=prosody.component_port,
            webchat_port=ports.webchat.number,
            domain=DOMAIN,
            page=page,
        )
        gateway = Gateway(folder, link)
        ending.push_async_callback(gateway.stop)
        await gateway.start()

        account = Account(
            jid=f"{USER}@{DOMAIN}",
            password=memory.password,
            websocket=prosody.websocket,
            bosh=prosody.bosh,
            room=f"{GROUP}@{COMPONENT}",
            nick=NICK,
            host=prosody.host,
            c2s_port=prosody.c2s_port,
        )
        host = await ending.enter_async_context(host_of(link.webchat, memory.host_password))
        async with visit(account) as robin:
            await robin.find_gateway()
            if await host.open_group():
                await robin.see_room()
                await host.share_group()
        webchat = f"{link.webchat}#group={GROUP}"
        address = await ending.enter_async_context(
            site(
                ports.page.number,
                webchat=webchat,
                session=host.pass_for,
                account=account,
                converse=converse(),
            )
        )
        yield Demo(address, webchat, account, prosody, gateway)


@dataclass(frozen=True)
class _Ports:
    page: Port
    webchat: Port


def _take_ports(memory: Memory, ending: AsyncExitStack) -> _Ports:
    """Take the remembered ports, others where those are taken, and remember which."""
    ports = _Ports(port_or_another(memory.page_port), port_or_another(memory.webchat_port))
    memory.page_port, memory.webchat_port = ports.page.number, ports.webchat.number
    for port in (ports.page, ports.webchat):
        ending.callback(port.give_back)
    for name in ("c2s_port", "component_port", "http_port"):
        # Prosody takes its ports itself; here it is only seen which ones it can have.
        port = port_or_another(getattr(memory, name))
        port.give_back()
        setattr(memory, name, port.number)
    return ports
