"""sluice users"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from typing import Any

import sqlalchemy as sa
from slixmpp.jid import JID, InvalidJID

from gateway.cli import options
from gateway.cli.exit import Exit
from gateway.cli.output import print_rows
from gateway.cli.storage import with_database
from gateway.config import Config, load
from gateway.config.for_slidge import tell_slidge
from gateway.config.text import nearest
from gateway.database import Database
from gateway.database.faults import explain
from gateway.errors import DatabaseError
from gateway.store import Store

_ACCOUNT = sa.table("user_account", sa.column("jid"), sa.column("registration_date", sa.DateTime))
"""slidge's own table of users."""


def arguments(parser: ArgumentParser) -> None:
    """Of `sluice users`."""
    options.config_file(parser)
    options.as_json(parser)
    actions = parser.add_subparsers(metavar="ACTION")
    of_remove = options.action(actions, "remove", remove)
    options.config_file(of_remove, again=True)
    of_remove.add_argument("jid", metavar="JID", help="the user's address")
    of_remove.add_argument("--yes", action="store_true", help="do it without asking")


def users(args: Namespace) -> int:
    """List the users of the gateway, and since when they are registered (in UTC)."""
    rows = with_database(load(args.config), _registered)
    print_rows(rows, as_json=args.json, none="Nobody is registered yet.")
    return Exit.FINE


def remove(args: Namespace) -> int:
    """Remove a user, with contacts and personal rooms and what is archived of these.

    What is said in shared rooms stays. Stop the gateway first: one that runs does not notice.
    On the network itself nothing is changed.
    """
    config = load(args.config)
    jid = _bare(args.jid)
    known = [row["jid"] for row in with_database(config, _registered)]
    if jid not in known:
        print(f"sluice: {jid} is not registered{nearest(jid, known)}", file=sys.stderr)
        return Exit.FAILURE
    if not args.yes and not _agreed(jid):
        print("sluice: nothing was removed", file=sys.stderr)
        return Exit.FAILURE
    rooms = with_database(config, lambda database: _forget(database, jid))
    _forget_in_slidge(config, jid)  # last, so that what is interrupted can be done again
    print(f"{jid} is removed. Personal rooms removed with what was said there: {rooms}.")
    return Exit.FINE


async def _registered(database: Database) -> list[dict[str, Any]]:
    return await database.read(_accounts)


def _accounts(conn: sa.Connection) -> list[dict[str, Any]]:
    if not sa.inspect(conn).has_table(_ACCOUNT.name):
        return []
    rows = sa.select(_ACCOUNT.c.jid, _ACCOUNT.c.registration_date).order_by(_ACCOUNT.c.jid)
    return [
        {"jid": jid, "registered": since.strftime("%Y-%m-%dT%H:%M:%SZ") if since else None}
        for jid, since in conn.execute(rows)
    ]


def _bare(text: str) -> str:
    try:
        return str(JID(text).bare)
    except InvalidJID:
        return text


def _agreed(jid: str) -> bool:
    if not sys.stdin.isatty():
        print("sluice: nobody is there to ask; --yes does it without", file=sys.stderr)
        return False
    answer = input(f"Remove {jid}, with all that is kept of them? [y/N] ")
    return answer.strip().lower() in ("y", "yes")


async def _forget(database: Database, jid: str) -> int:
    """Remove what is ours of a user; how many rooms that was."""
    store = Store(database)
    own = [room.id for room in await store.all_rooms() if room.owner == jid]
    for room in own:
        await store.delete_room(room)
    for seat in await store.all_seats():
        if _bare(seat.jid) == jid:
            await store.remove_seat(seat.room_id, seat.jid)
    await store.remove_subscriptions(jid)
    return len(own)


def _forget_in_slidge(config: Config, jid: str) -> None:
    """Remove a user from slidge's tables, with all that hangs on them."""
    tell_slidge(config)
    from slidge.db.models import GatewayUser  # knows what hangs on a user
    from sqlalchemy.orm import Session

    engine = sa.create_engine(config.database.url)
    try:
        with Session(engine) as session, session.begin():
            user = session.scalar(sa.select(GatewayUser).where(GatewayUser.jid == JID(jid)))
            if user is not None:
                session.delete(user)
    except sa.exc.SQLAlchemyError as error:
        raise DatabaseError(explain(error, engine.url)) from error
    finally:
        engine.dispose()
