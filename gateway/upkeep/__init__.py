"""Looking after the archive: what the command line and the commands of admins do alike."""

from gateway.upkeep.tools import Progress, Tools, unseen

__all__ = ["Progress", "Tools", "unseen"]
