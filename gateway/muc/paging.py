"""One page of a list that is in memory (XEP-0059)."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from xml.etree import ElementTree as ET

from gateway.errors import Refused
from gateway.render.xml import content

RSM = "http://jabber.org/protocol/rsm"


def page(ids: Sequence[str], rsm: ET.Element | None, most: int) -> tuple[slice, str]:
    """Which part of a list is asked for, and the `<set/>` that says where it stands.

    `ids` name the items, each once; an id that is not among them any more stands where it would
    if they are in order. At most `most` at once, and that many if nobody asks for fewer.

    Raises Refused "bad-request" if the size of the page is no number.
    """
    text = rsm.findtext(f"{{{RSM}}}max") if rsm is not None else None
    if text is not None and not text.strip().isdecimal():
        raise Refused("bad-request", "The size of a page is a number.")
    size = min(int(text.strip()[:9]), most) if text is not None else most
    after = rsm.findtext(f"{{{RSM}}}after") if rsm is not None else None
    before = rsm.find(f"{{{RSM}}}before") if rsm is not None else None
    start, end = 0, len(ids)
    if after:
        start = ids.index(after) + 1 if after in ids else bisect(ids, after)
    if before is not None and before.text:
        end = ids.index(before.text) if before.text in ids else bisect(ids, before.text)
    if before is not None:
        start = max(start, end - size)
    part = slice(start, min(end, start + size))
    edges = ""
    if found := ids[part]:
        edges = (
            f'<first index="{start}">{content(found[0])}</first><last>{content(found[-1])}</last>'
        )
    return part, f'<set xmlns="{RSM}">{edges}<count>{len(ids)}</count></set>'
