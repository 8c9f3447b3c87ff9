"""The figures, as Prometheus asks for them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from gateway.archive.gap import Gap, State
from gateway.config import Config
from gateway.metrics import server, socket
from gateway.metrics.ask import ask
from gateway.metrics.server import answering
from gateway.mirror.crossed import Crossed
from legacy_backend.terms import MessageId
from tests.e2e.conftest import free_port
from tests.stage import Stage, configured, on_stage

Figures = Mapping[str, float]


def config(stage: Stage, folder: Path, listen: str = "") -> Config:
    found = configured(folder, more=f'[metrics]\nlisten = "{listen}"')
    found.files.folder.mkdir(parents=True, exist_ok=True)
    return found


async def scraped(port: int) -> Figures:
    """Every sample, as name{values}, in the order of the labels' names."""
    url = f"http://127.0.0.1:{port}/metrics"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.status == 200
        assert answer.content_type == "text/plain"
        text = await answer.text()
    families = text_string_to_metric_families(text)
    return {_name(sample): sample.value for family in families for sample in family.samples}


def _name(sample: Sample) -> str:
    labels = ",".join(value for _, value in sorted(sample.labels.items()))
    return f"{sample.name}{{{labels}}}" if labels else sample.name


async def test_what_happens_is_counted(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "FRESH_SECONDS", 0)
    port = free_port(stage)
    async with answering(stage.gateway, config(stage, tmp_path, f"127.0.0.1:{port}")):
        ada, bao = await stage.seated("ada", "bao", "CYD")
        before = await scraped(port)
        assert (before["sluice_users"], before["sluice_users_logged_in"]) == (2, 2)
        assert (before["sluice_rooms"], before["sluice_rooms_open"]) == (1, 1)
        assert (before["sluice_seats"], before["sluice_connected"]) == (2, 1)
        stage.network.obeys("send")
        ada.sends("<message type='groupchat' to='{room}' id='m1'><body>Hello</body></message>")
        await bao.receives("<message><body>Hello</body></message>")
        ada.sends("<presence type='unavailable' to='{room}/ada'/>")
        await bao.receives("<presence type='unavailable' from='{room}/ada'/>")
        await stage.settled()
        after = await scraped(port)

    def grown(name: str) -> float:
        return after[name] - before[name]

    assert after["sluice_seats"] == 1
    assert grown("sluice_messages_total{message}") == 1
    assert grown("sluice_stanzas_total{in,presence}") == 1
    assert grown("sluice_stanzas_total{in,message}") == 1
    assert grown("sluice_stanzas_total{out,message}") == 2
    assert grown("sluice_stanzas_total{out,presence}") >= 2
    assert grown("sluice_database_batch_seconds_count") >= 1
    assert grown("sluice_database_batch_seconds_sum") > 0
    assert grown("sluice_database_writes_total") >= 1
    assert (
        after["sluice_database_batch_seconds_bucket{+Inf}"]
        == (after["sluice_database_batch_seconds_count"])
    )
    assert after["sluice_database_waiting"] == 0
    assert after["process_resident_memory_bytes"] > 1 << 20
    assert not [name for name in after if "mirror" in name]


async def test_refusals_are_counted_by_kind(stage: Stage, tmp_path: Path) -> None:
    port = free_port(stage)
    (ada,) = await stage.seated("ada")
    stage.gateway.rates.per_minute = {"messages": 1}
    stage.network.obeys("send")
    for ident in ("m1", "m2", "m3"):
        ada.sends(f"<message type='groupchat' to='{{room}}' id='{ident}'><body>A</body></message>")
    await ada.receives("<message type='error' id='m3'/>")
    async with answering(stage.gateway, config(stage, tmp_path, f"127.0.0.1:{port}")):
        assert (await scraped(port))["sluice_rate_refusals_total{messages}"] == 2


async def test_gaps_are_counted_by_state(stage: Stage, tmp_path: Path) -> None:
    port = free_port(stage)
    await stage.seated("ada")
    (live,) = stage.gateway.rooms
    live.history_known = False
    now = live.host.now()
    for ident, state in enumerate((State.WANTED, State.WANTED, State.FURTHER)):
        live.gaps[ident] = Gap(ident, live.id, None, (MessageId("m"), now), state, 0, now)
    async with answering(stage.gateway, config(stage, tmp_path, f"127.0.0.1:{port}")):
        found = await scraped(port)
    states = ("wanted", "further", "lost", "open")
    assert [found[f"sluice_gaps{{{state}}}"] for state in states] == [2, 1, 0, 1]


async def test_links_of_mirrors_are_among_them(tmp_path: Path, database: Path) -> None:
    more = '[mirrors]\ntrusted = {"mirror.example" = ["ship.example"]}\n'
    async with on_stage(tmp_path, database, more=more) as stage:
        port = free_port(stage)
        (ada,) = await stage.seated("ada")
        ada.sends("<presence to='{room}/ada'><dmuc xmlns='http://tridsys.com/protocol/dmuc'"
                  " from='mirror.example'/></presence>")  # fmt: skip
        await ada.receives("<presence type='error'/>")
        crossed = Crossed(stage.gateway.rooms.host.now())
        stage.gateway.meter.mirrors["mirror.example"] = crossed
        crossed.count(100, 2, down=True, saved=300)
        async with answering(stage.gateway, config(stage, tmp_path, f"127.0.0.1:{port}")):
            found = await scraped(port)
    assert found["sluice_mirror_claims_refused_total"] == 1
    assert found["sluice_mirror_bytes_total{down,mirror.example,master}"] == 100
    assert found["sluice_mirror_stanzas_total{down,mirror.example,master}"] == 2
    assert found["sluice_mirror_bytes_total{up,mirror.example,master}"] == 0
    assert found["sluice_mirror_saved_bytes_total{mirror.example,master}"] == 300
    assert found["sluice_mirrored_rooms{master,linked}"] == 0


async def test_asking_often_costs_once(stage: Stage, tmp_path: Path) -> None:
    port = free_port(stage)
    async with answering(stage.gateway, config(stage, tmp_path, f"127.0.0.1:{port}")):
        first, *others = await asyncio.gather(*(scraped(port) for _ in range(20)))
    assert all(other == first for other in others)


async def test_only_figures_are_served_over_the_network(stage: Stage, tmp_path: Path) -> None:
    port = free_port(stage)
    listen = config(stage, tmp_path, f"127.0.0.1:{port}")
    async with answering(stage.gateway, listen), aiohttp.ClientSession() as session:
        async with session.get(f"http://127.0.0.1:{port}/mirrors") as answer:
            assert answer.status == 404
        async with session.post(f"http://127.0.0.1:{port}/metrics", data=b"x" * 9999) as answer:
            assert answer.status == 405
        assert await ask(listen.files.folder, "mirrors") == []
        assert (listen.files.folder / socket.NAME).stat().st_mode & 0o777 == 0o600
    assert not (listen.files.folder / socket.NAME).exists()


async def test_a_port_that_is_taken_keeps_nothing_from_running(
    stage: Stage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    folder = tmp_path.joinpath(*(["deep" * 10] * 3))
    folder.mkdir(parents=True)
    listen = config(stage, folder, f"127.0.0.1:{port}")
    async with answering(stage.gateway, listen):
        assert f"metrics cannot be served at 127.0.0.1:{port}" in caplog.text
        assert await ask(listen.files.folder, "mirrors") == []
    taken.close()


async def test_the_socket_is_one_processs_alone(
    stage: Stage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    own = config(stage, tmp_path)
    dead = await asyncio.to_thread(socket.listen, own.files.folder)
    assert dead is not None
    dead.close()  # as a process that was killed leaves it behind
    caplog.set_level(logging.INFO)
    async with answering(stage.gateway, own):
        assert not caplog.records
        async with answering(stage.gateway, own):
            assert "another gateway uses" in caplog.text
        assert await ask(own.files.folder, "mirrors") == []
