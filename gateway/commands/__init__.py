"""Commands of the gateway itself (XEP-0050), for users whose clients have no better way.

slidge finds them once they are imported, and offers them as forms and in its chat.
"""

from gateway.commands.erase_messages import EraseMessages
from gateway.commands.missing_history import MissingHistory
from gateway.commands.search_archive import SearchArchive

__all__ = ["EraseMessages", "MissingHistory", "SearchArchive"]
