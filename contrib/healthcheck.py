"""Whether the gateway has its connection to the XMPP server: exit code 0 if so, 1 if not.

Run as `python healthcheck.py CONFIG` where the gateway runs, in its container or network
namespace. It asks the kernel (/proc/net/tcp), so that it neither disturbs the gateway nor needs a
port of it.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

ESTABLISHED = "01"
DEFAULT_PORT = 5347


def is_linked(port: int, tables: str = "/proc/net") -> bool:
    """Whether a connection to this port of some machine is up."""
    for name in ("tcp", "tcp6"):
        table = Path(tables, name)
        if not table.exists():
            continue
        for line in table.read_text().splitlines()[1:]:
            _, _, remote, state, *_ = line.split()
            if state == ESTABLISHED and int(remote.rpartition(":")[2], 16) == port:
                return True
    return False


def main(config: str) -> int:
    with Path(config).open("rb") as file:
        xmpp = tomllib.load(file).get("xmpp", {})
    port = xmpp.get("port", DEFAULT_PORT)
    if is_linked(port):
        return 0
    print(f"there is no connection to the XMPP server (port {port})", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
