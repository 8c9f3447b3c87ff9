"""Commands of the gateway itself (XEP-0050), for users whose clients have no better way, and for
those who run it.

slidge finds them once they are imported, and offers them as forms and in its chat.
"""

from gateway.commands.all_missing import AllMissing
from gateway.commands.back_up import BackUp
from gateway.commands.erase_messages import EraseMessages
from gateway.commands.export_archive import ExportArchive
from gateway.commands.import_archive import ImportArchive
from gateway.commands.keep_messages import KeepMessages
from gateway.commands.mirrored_rooms import MirroredRooms
from gateway.commands.missing_history import MissingHistory
from gateway.commands.search_archive import SearchArchive

__all__ = [
    "AllMissing",
    "BackUp",
    "EraseMessages",
    "ExportArchive",
    "ImportArchive",
    "KeepMessages",
    "MirroredRooms",
    "MissingHistory",
    "SearchArchive",
]
