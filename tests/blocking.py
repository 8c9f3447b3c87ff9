"""A detector of calls that block the event loop, and the list of those that slidge makes itself.

While a loop runs, every function that waits for a disk, a socket, a lock, a database or the clock
looks at who called it. If our code did, the call raises Blocked, and the test fails even where
that exception is caught. Other threads may block, and so may the tests' own
code.
"""

from __future__ import annotations

import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, MappingProxyType
from unittest import mock

import blockbuster
import slidge

ROOT = Path(__file__).parent.parent
OURS = tuple(f"{ROOT / package}/" for package in ("gateway", "legacy_backend", "migrations"))
SLIDGE = f"{Path(slidge.__file__).parent}/"

STORE = "db/"
"""slidge's database layer. Who calls it decides: slidge may, we may not."""

SLIDGE_BLOCKS: Mapping[str, str] = MappingProxyType(
    {
        "command/": "a command reads and writes users, their preferences and contacts",
        "contact/contact.py": "a contact's name, presence and avatar are rows",
        "contact/roster.py": "a contact is looked up, or made, as a row",
        "core/dispatcher/disco.py": "what a contact can do is in its row",
        "core/dispatcher/message/": "what a 1:1 message refers to is in a table of ids",
        "core/dispatcher/presence.py": "a contact's last presence is in its row",
        "core/dispatcher/pubsub.py": "a user's avatar hash is in their row",
        "core/dispatcher/registration.py": "a registration is a row",
        "core/dispatcher/search.py": "the form of a search is asked of the user's session",
        "core/dispatcher/session_dispatcher.py": "who has sent a stanza is in a row",
        "core/dispatcher/util.py": "who has sent a stanza is in a row",
        "core/dispatcher/vcard.py": "an avatar is a file and a row",
        "core/gateway.py": "starting and stopping, it reads all users",
        "core/mixins/attachment.py": "a file of a 1:1 message is read and remembered in a row",
        "core/mixins/avatar.py": "an avatar is a file and a row",
        "core/mixins/db.py": "an object writes itself to its row",
        "core/mixins/message.py": "the ids of a 1:1 message are rows",
        "core/mixins/message_maker.py": "the ids of a 1:1 message are rows",
        "core/mixins/message_text.py": "the ids of a 1:1 message are rows",
        "core/mixins/presence.py": "a contact's last presence is in its row",
        "core/mixins/recipient.py": "the ids of a 1:1 message are rows",
        "core/pubsub.py": "an avatar that is published is a file",
        "core/session.py": "a session's user is a row",
        "group/bookmarks.py": "what is told of a space is a row",
        "slixfix/xep_0077/register.py": "a registration is a row",
    }
)
"""Parts of slidge 0.4.2 that block the loop by themselves, with what for: its side for contacts.

It is used as it is, and works on its ORM without a thread. Its groups are not here: ours replace
them. Neither is its database layer, so that our code may not go there directly.
"""

NOT_AWAITED = {"get_archived_messages"}
"""Methods of ours that plugins call as slidge has them, and that have to answer at once."""

SETS_UP = str(ROOT / "gateway" / "slidge_engine.py")
"""What sets up each connection of slidge's: whoever wanted the connection decides."""


class Blocked(blockbuster.BlockingError):
    """Our code called something that may block, on the event loop."""

    seen: list[str] = []  # noqa: RUF012  (of all of them, for `blocked`)

    def __init__(self, function: str) -> None:
        super().__init__(function)
        calls = [
            call
            for call in traceback.extract_stack()
            if call.filename.startswith((*OURS, SLIDGE, str(ROOT / "tests")))
            and call.filename != __file__
        ]
        self.seen.append(f"{function}, called by:\n{''.join(traceback.format_list(calls))}")


def may_block(frame: FrameType | None) -> bool:
    """Whether a call from this frame may block: who is nearest in the stack, we or slidge?"""
    called = frame
    while called is not None:
        if called.f_code.co_name in NOT_AWAITED and called.f_code.co_filename.startswith(OURS):
            return True
        called = called.f_back
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(OURS) and name != SETS_UP:
            return False
        if name.startswith(SLIDGE):
            part = name.removeprefix(SLIDGE)
            if not part.startswith(STORE):
                return part.startswith(tuple(SLIDGE_BLOCKS)) or not _ours_is_above(frame)
        frame = frame.f_back
    return True


def _ours_is_above(frame: FrameType) -> bool:
    above = frame.f_back
    while above is not None:
        if above.f_code.co_filename.startswith(OURS):
            return True
        above = above.f_back
    return False


@contextmanager
def detector() -> Iterator[None]:
    """Let what blocks raise Blocked, if it is our code that calls it on an event loop."""
    buster = blockbuster.BlockBuster()
    for function in buster.functions.values():
        function.can_block_predicate = _or_is_not_ours(function.can_block_predicate)
    # pytest has a handler that writes the log to /dev/null
    for stream in ("io.TextIOWrapper.write", "io.BufferedWriter.write"):
        buster.functions[stream].can_block_in("logging/__init__.py", {"emit", "flush"})
    with mock.patch.object(blockbuster.blockbuster, "BlockingError", Blocked):
        buster.activate()
        try:
            yield
        finally:
            buster.deactivate()


@contextmanager
def blocked() -> Iterator[list[str]]:
    """What blocked in this block, to be looked at afterwards. What blocked before is forgotten."""
    Blocked.seen.clear()
    yield Blocked.seen


def _or_is_not_ours(harmless: Callable[..., bool]) -> Callable[..., bool]:
    def predicate(*args: object, **kwargs: object) -> bool:
        in_a_thread = threading.current_thread() is not threading.main_thread()
        return in_a_thread or harmless(*args, **kwargs) or may_block(sys._getframe(1))

    return predicate
