"""A PostgreSQL of the tests' own: in a folder of its own, reached through a socket in it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
import pytest_asyncio

from gateway.database import Database
from gateway.migrate import migrate


class Postgres:
    """One cluster. `stop` is as abrupt as a power failure; `start` brings it back."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._data = folder / "data"
        self._user = None
        if os.getuid() == 0:  # as which it refuses to run
            self._user = "postgres"
            os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
        self._names = count(1)
        self._run("initdb", "-D", self._data, "-U", "sluice", "-A", "trust", "-E", "UTF8", "-N")

    def start(self, *, fsync: bool = False) -> None:
        flag = "on" if fsync else "off"
        options = f"-c listen_addresses= -c fsync={flag} -k {self._folder}"
        log = self._folder / "log"
        self._run("pg_ctl", "start", "-w", "-s", "-D", self._data, "-l", log, "-o", options)

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-w", "-s", "-D", self._data, "-m", "immediate")

    def make(self, template: str = "template0") -> str:
        """The URL of a new database, made in the likeness of another."""
        name = f"test_{next(self._names)}"
        with psycopg.connect(self._dsn("postgres"), autocommit=True) as conn:
            conn.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return self.url(name)

    def url(self, name: str) -> str:
        return f"postgresql://sluice@/{name}?host={self._folder}"

    def _dsn(self, name: str) -> str:
        return f"host={self._folder} user=sluice dbname={name}"

    def _run(self, program: str, *arguments: str | Path) -> None:
        done = subprocess.run(
            [self._programs / program, *arguments],
            user=self._user,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # the server would keep a pipe open
            stderr=subprocess.DEVNULL,
            check=False,
        )
        if done.returncode:
            log = self._folder / "log"
            said = log.read_text() if log.exists() else ""
            raise RuntimeError(f"{program} failed with {done.returncode}: {said}")


def find_programs() -> Path | None:
    """Where initdb is; Debian keeps it out of the PATH."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    return max((path.parent for path in versions), default=None, key=_version)


def _version(programs: Path) -> float:
    return float(programs.parent.name)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running cluster, for the whole session."""
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: no initdb in PATH or /usr/lib/postgresql")
    folder = Path(tempfile.mkdtemp(prefix="sluice-pg-"))
    try:
        cluster = Postgres(programs, folder)
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def migrated(postgres: Postgres) -> str:
    """The name of a database with our tables and nothing in them."""
    url = postgres.make()
    migrate(url)
    return url.partition("?")[0].rpartition("/")[2]


BOTH = (
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgresql", id="postgresql", marks=pytest.mark.postgres),
)


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without any tables: the test runs on each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/test.sqlite"
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.make()


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with our tables and nothing in them."""
    path = tmp_path_factory.mktemp("migrated") / "template.sqlite"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path, migrated_file: Path) -> str:
    """The URL of a database with our tables, empty: the test runs on each kind."""
    if request.param == "sqlite":
        shutil.copy(migrated_file, tmp_path / "test.sqlite")
        return f"sqlite:///{tmp_path}/test.sqlite"
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.make(request.getfixturevalue("migrated"))


@pytest_asyncio.fixture
async def db(url: str) -> AsyncIterator[Database]:
    """That database, open."""
    database = Database(url)
    await database.open()
    yield database
    await database.close()
