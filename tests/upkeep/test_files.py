"""Which files a message's addresses lead to: those that the gateway serves, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.upkeep.files import OwnFiles, links

HERE = "https://files.example.org/up"


@pytest.fixture
def served(tmp_path: Path) -> Path:
    folder = tmp_path / "served"
    for name in ("a/b/c d.png", "top.png"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("")
    (folder / "away").symlink_to(tmp_path / "outside")
    (folder / "link.png").symlink_to(tmp_path / "outside" / "secret")
    return folder


@pytest.mark.parametrize(
    ("url", "found"),
    [
        (f"{HERE}/a/b/c%20d.png", "a/b/c d.png"),
        (f"{HERE}/top.png", "top.png"),
        (f"{HERE}/link.png", "link.png"),  # the link itself is ours
        (f"{HERE}/a/b", None),
        (f"{HERE}/", None),
        (f"{HERE}/none.png", None),
        (f"{HERE}x/top.png", None),
        (f"{HERE}//top.png", None),
        (f"{HERE}/a/../top.png", None),
        (f"{HERE}/a/%2e%2e/top.png", None),
        (f"{HERE}/..%2Foutside%2Fsecret", None),
        (f"{HERE}/away/secret", None),
        (f"{HERE}/%00", None),
        ("https://else.example.org/up/top.png", None),
    ],
)
def test_nothing_outside_of_the_folder(served: Path, url: str, found: str | None) -> None:
    path = OwnFiles(served, f"{HERE}/").path_of(url)
    assert (path and str(path.relative_to(served))) == found


def test_empty_folders_go_with_their_last_file(served: Path) -> None:
    files = OwnFiles(served, HERE)
    assert files.remove([served / "a/b/c d.png", served / "link.png", served / "gone"]) == 2
    assert {path.name for path in served.iterdir()} == {"top.png", "away"}
    assert (served.parent / "outside" / "secret").exists()


def test_addresses_are_found_in_messages(served: Path) -> None:
    stanza = (
        f"<message><body>{HERE}/top.png</body><x xmlns='jabber:x:oob'><url>https://a.example/?b=1"
        f"&amp;c=2</url></x><reference uri='{HERE}/a/b/c%20d.png'/></message>"
    )
    assert links([stanza]) == {"https://a.example/?b=1&c=2"}
    found = OwnFiles(served, HERE).linked([stanza])
    assert {path.name for path in found} == {"top.png", "c d.png"}
