"""One SQLite file: connection, transactions, and its errors in our words."""

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from georgia import _core
from georgia.display import printable
from georgia.store.facts import FORMAT, refuse_format, refuse_store
from georgia.store.record import refuse

APPLICATION = 0x67656F72  # "geor", in the file's header
_WAIT_S = 30.0  # for another process to finish writing
_PAGE_BYTES = 32768  # of 512 numbers, 15 vectors fill a page; one of 4 KiB would be half empty
_DAMAGED = {
    "SQLITE_CONSTRAINT",
    "SQLITE_CORRUPT",
    "SQLITE_ERROR",  # a table or column is missing
    "SQLITE_FORMAT",
    "SQLITE_MISMATCH",
    "SQLITE_NOTADB",
}


class SqliteFile:
    """A file that is opened when it is used, and opened anew when another took its place.

    Between transactions everything lies in the one file (a rollback journal, not WAL, which would
    keep a second file beside it): it can be copied to another machine at any time.
    """

    def __init__(self, path: Path, *, read_only: bool) -> None:
        self.path = path
        self.location = printable(path)
        self.is_read_only = read_only
        self._connection: sqlite3.Connection | None = None
        self._identity = (-1, -1)
        self._writes = 0
        self._opened = 0
        self._lock = threading.RLock()

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """One unchanging view of the file; None while there is no store in it."""
        with self._lock, self._translated():
            connection = self._connected(create=False)
            if connection is None:
                yield None
                return
            connection.execute("BEGIN")
            try:
                yield connection if self._is_made(connection) else None
            finally:
                connection.rollback()

    @contextlib.contextmanager
    def writing(self) -> Iterator[tuple[sqlite3.Connection, bool]]:
        """Make changes, all or none; tells too whether there is a store in the file yet."""
        if self.is_read_only:
            refuse(self.location, "opened for reading only, so that nothing can be changed")
        with self._lock, self._translated():
            connection = self._connected(create=True)
            assert connection is not None
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection, self._is_made(connection)
                connection.commit()
                self._writes += 1
            finally:
                connection.rollback()  # nothing where it was committed

    def version(self, connection: sqlite3.Connection) -> tuple[int, int, int]:
        """What changes with every change of the file, whoever made it."""
        (others,) = connection.execute("PRAGMA data_version").fetchone()
        return (self._opened, self._writes, others)

    def is_ready(self) -> bool:
        """Tell whether a transaction can be expected to find what it needs."""
        if self.is_read_only:
            return os.access(self.path, os.R_OK)
        # SQLite writes a journal beside the file.
        places = (self.path, self.path.parent) if self.path.exists() else (self.path.parent,)
        return all(os.access(place, os.W_OK) for place in places)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _connected(self, *, create: bool) -> sqlite3.Connection | None:
        """Give the connection to the file that is there now."""
        try:
            now = self.path.stat()
        except FileNotFoundError:
            self.close()
            if not create:
                return None
        except OSError as error:
            _refuse_io(self.location, error.strerror or str(error))
        else:
            if self._identity != (now.st_dev, now.st_ino):
                self.close()
        if self._connection is None:
            self._connection = self._open(create=create)
            self._opened += 1
            after = self.path.stat()
            self._identity = (after.st_dev, after.st_ino)
        return self._connection

    def _open(self, *, create: bool) -> sqlite3.Connection:
        mode = "ro" if self.is_read_only else "rwc" if create else "rw"
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=_WAIT_S,
            isolation_level=None,  # transactions are begun and ended here and nowhere else
            check_same_thread=False,  # the lock sees to that
        )
        connection.execute("PRAGMA trusted_schema = OFF")  # the file may be a stranger's
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")  # of a file that is still empty
        return connection

    def _is_made(self, connection: sqlite3.Connection) -> bool:
        """Tell whether the file holds a store; refuse what another program or version wrote."""
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        if not application and not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            return False
        if application != APPLICATION:
            refuse_store(
                self.location,
                f"a database of another program; expected application_id {APPLICATION:#x}, "
                f"got {application:#x}",
            )
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version != FORMAT:
            refuse_format(self.location, version)
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        (page_bytes,) = connection.execute("PRAGMA page_size").fetchone()
        expected, got = pages * page_bytes, self.path.stat().st_size
        if got < expected:  # SQLite takes a last page cut short for one that ends in zeros
            what = f"cut short, damaged; expected {expected:,} bytes, got {got:,}"
            refuse_store(self.location, what)
        return True

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            name = getattr(error, "sqlite_errorname", "SQLITE_MISMATCH")  # text that is no UTF-8
            kind = "_".join(name.split("_")[:2])
            if kind in _DAMAGED:
                refuse_store(
                    self.location,
                    f"cut short, damaged, or no store; expected a whole SQLite file, got: {error}",
                )
            _refuse_io(self.location, f"SQLite says: {error} ({name})")


def _refuse_io(location: str, what: str) -> NoReturn:
    message = f"[store] {location}: {printable(what)}"
    raise _core.IoError(message) from None
