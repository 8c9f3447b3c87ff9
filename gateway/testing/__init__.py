"""Plugins' own tests, written for slidge's `SlidgeTest`, on our gateway and with our rooms.

`pytest -p gateway.testing`, or `import gateway.testing` in a `conftest.py`, puts our classes where
plugins and their tests find slidge's. See `docs/plugin-guide.md`, "Testing a plugin".
"""

import slidge.util.test
from slidge.util.util import SubclassableOnce

from gateway import seam

seam.install()
seam.place(slidge.util.test)
SubclassableOnce.TEST_MODE = True

from gateway.testing.case import SlidgeTest  # noqa: E402  (it subclasses what stands there now)

vars(slidge.util.test)["SlidgeTest"] = SlidgeTest

__all__ = ["SlidgeTest"]
