"""What the emulator remembers, in SQLite: in memory, or in a file that outlives the process.

Times are milliseconds of the emulator's clock. A launch's ``visible`` is the moment from which
its instances can be listed; NULL hides them until they are revealed.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS launches (
    op_seq INTEGER PRIMARY KEY, name TEXT NOT NULL, project_env TEXT NOT NULL,
    created INTEGER NOT NULL, create_user TEXT NOT NULL, request_id TEXT NOT NULL,
    parameters TEXT NOT NULL, plan TEXT NOT NULL, visible INTEGER,
    purged INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS dags (
    dag_id INTEGER PRIMARY KEY, op_seq INTEGER NOT NULL, bizdate TEXT NOT NULL,
    lane INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS dags_of_launch ON dags (op_seq);
CREATE TABLE IF NOT EXISTS instances (
    instance_id INTEGER PRIMARY KEY, dag_id INTEGER NOT NULL, op_seq INTEGER NOT NULL,
    node_id INTEGER NOT NULL, bizdate TEXT NOT NULL, cycle_time INTEGER NOT NULL,
    task_type TEXT NOT NULL, parameters TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS instances_of_launch ON instances (op_seq);
CREATE INDEX IF NOT EXISTS instances_of_dag ON instances (dag_id);
CREATE INDEX IF NOT EXISTS instances_of_node ON instances (node_id, bizdate);
CREATE TABLE IF NOT EXISTS changes (
    seq INTEGER PRIMARY KEY, op_seq INTEGER, at INTEGER NOT NULL, kind TEXT NOT NULL,
    target INTEGER NOT NULL, behaviour TEXT);
CREATE TABLE IF NOT EXISTS creations (
    operation_id TEXT PRIMARY KEY, op_seq INTEGER, ready INTEGER NOT NULL, failure TEXT);
CREATE TABLE IF NOT EXISTS requests (
    seq INTEGER PRIMARY KEY, request_id TEXT NOT NULL, time REAL NOT NULL, action TEXT NOT NULL,
    version TEXT NOT NULL, access_key_id TEXT NOT NULL, parameters TEXT NOT NULL,
    status INTEGER, code TEXT, fault TEXT);
CREATE TABLE IF NOT EXISTS faults (
    id INTEGER PRIMARY KEY, rule TEXT NOT NULL, seen INTEGER NOT NULL DEFAULT 0,
    applied INTEGER NOT NULL DEFAULT 0);
"""
_TABLES = (
    "meta",
    "launches",
    "dags",
    "instances",
    "changes",
    "creations",
    "requests",
    "faults",
)

Value = str | int | float | None
Row = sqlite3.Row


class Store:
    """One database. Any thread may use it; a transaction belongs to one thread at a time."""

    def __init__(self, database: Path | str | None = None) -> None:
        self.path = ":memory:" if database is None else str(database)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(
            self.path, isolation_level=None, check_same_thread=False, timeout=30
        )
        self._connection.row_factory = sqlite3.Row
        # What a process has committed outlives its end; only the machine's end is not covered.
        self._connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Closes the database."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside is written, or nothing of it."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, sql: str, values: Sequence[Value] = ()) -> list[Row]:
        """All rows that a query finds."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Value] = ()) -> Row | None:
        """The first row that a query finds."""
        with self._lock:
            found: Row | None = self._connection.execute(sql, values).fetchone()
            return found

    def number(self, sql: str, values: Sequence[Value] = ()) -> int:
        """The number that a query counts; 0 for none."""
        row = self.row(sql, values)
        return 0 if row is None or row[0] is None else int(row[0])

    def write(self, sql: str, values: Sequence[Value] = ()) -> int:
        """Changes rows; returns how many."""
        with self._lock:
            return self._connection.execute(sql, values).rowcount

    def insert(self, table: str, rows: Sequence[Mapping[str, Value]]) -> int:
        """Adds rows, all with the same columns; returns the number of the last one."""
        if not rows:
            return 0
        columns = list(rows[0])
        marks = ", ".join("?" for _ in columns)
        sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608
        values = [tuple(row[column] for column in columns) for row in rows]
        with self._lock:
            if len(values) == 1:
                return int(self._connection.execute(sql, values[0]).lastrowid or 0)
            self._connection.executemany(sql, values)
            return 0

    def meta(self, key: str) -> object:
        """A remembered value, or None."""
        row = self.row("SELECT value FROM meta WHERE key = ?", (key,))
        return None if row is None else json.loads(row["value"])

    def set_meta(self, key: str, value: object) -> None:
        """Remembers a value that JSON can hold."""
        self.write("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, json.dumps(value)))

    def take_numbers(self, counter: str, first: int, count: int) -> int:
        """Reserves consecutive numbers of a counter; returns the lowest of them."""
        with self.transaction():
            current = self.meta(counter)
            start = current if isinstance(current, int) else first
            self.set_meta(counter, start + count)
        return start

    def clear(self) -> None:
        """Forgets everything, but never gives an ID twice."""
        with self.transaction():
            for table in _TABLES:
                kept = " WHERE key NOT LIKE 'next_%'" if table == "meta" else ""
                self.write(f"DELETE FROM {table}{kept}")  # noqa: S608
