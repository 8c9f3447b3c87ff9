"""sluice archive gaps"""

from __future__ import annotations

from argparse import Namespace
from collections import Counter
from typing import Any

from gateway.archive import Gaps
from gateway.archive.gap import Gap, Known, State
from gateway.cli.exit import Exit
from gateway.cli.output import print_rows
from gateway.cli.rooms import name_of
from gateway.cli.storage import with_database
from gateway.config import Config, load
from gateway.database import Database
from gateway.store import Store


def gaps(args: Namespace) -> int:
    """List what is known to be missing: of which room, between which times, and how it stands.

    What is wanted is read when its turn comes, not before the next try if the network could not
    give it. What is further back is read when somebody looks there. What is lost the network does
    not have any more.
    """
    config = load(args.config)
    rows = with_database(config, lambda database: _missing(database, config))
    print_rows(rows, as_json=args.json, none="Nothing is known to be missing.")
    if rows and not args.json:
        states = Counter(row["state"] for row in rows)
        lost = f", {states['lost']} lost for good" if states["lost"] else ""
        further = f"{states['further']} further back than anybody looked"
        print(f"{states['wanted']} wanted, {further}{lost}")
    return Exit.FINE


async def _missing(database: Database, config: Config) -> list[dict[str, Any]]:
    rooms = {room.id: room for room in await Store(database).all_rooms()}
    return [
        {
            "room": f"{rooms[gap.room].localpart}@{config.xmpp.jid}",
            "owner": rooms[gap.room].owner,
            "name": name_of(rooms[gap.room]),
            "after": _time(gap.after),
            "before": _time(gap.before),
            "state": gap.state.name.lower(),
            "attempts": gap.attempts,
            "next_try": _next_try(gap),
        }
        for gap in await Gaps(database).all()
        if gap.room in rooms
    ]


def _time(known: Known | None) -> str | None:
    return None if known is None else f"{known[1]:%Y-%m-%dT%H:%M:%SZ}"


def _next_try(gap: Gap) -> str | None:
    if not gap.attempts or gap.state is not State.WANTED:
        return None
    return f"{gap.next_try:%Y-%m-%dT%H:%M:%SZ}"
