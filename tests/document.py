"""Code that stands in documents, to be run as it is."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parent.parent / "docs"


def code_of(name: str) -> str:
    """The Python blocks of a document, in their order."""
    text = (DOCS / name).read_text()
    return "\n\n".join(re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL))
