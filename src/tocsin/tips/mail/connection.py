"""The tip mailbox over IMAP: only what is asked for comes in, and nothing waits for long.

IMAPClient speaks the protocol. Around it stands a guard, because the other side may be slow, broken or hostile:
every wait on the socket is short, the whole visit has an end (a timer hangs up), an announced literal that is
larger than anything we ask for ends the visit before a byte of it is read, and so does a flood of small answers.
"""

from __future__ import annotations

import imaplib
import logging
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError

WAIT_SECONDS = 10.0  # for one answer on the socket
HEADER_BYTES = 32_768
PART_BYTES = 65_536
_LITERAL_BYTES = 2 * PART_BYTES  # nothing that we ask for is larger
_VISIT_BYTES = 64 * 1024 * 1024
_LARGEST = 2**32 - 1  # a UID and a UIDVALIDITY have 32 bits
logging.getLogger("imapclient").setLevel(logging.CRITICAL)  # it would write what the mailbox holds


class Unreachable(Exception):
    """The mailbox cannot be read now: no connection, no sign-in, or the visit was ended. Holds no address."""


class Gone(Exception):
    """The mail was taken away by somebody else."""


@dataclass(frozen=True, slots=True)
class Access:
    """Where the tip mailbox is. `tls`: tls, starttls or none (loopback only)."""

    host: str
    port: int
    tls: str
    user: str
    password: str
    folder: str = "INBOX"


class _Line:
    """The socket, seen from outside: how much came in, and a way to hang up at any moment."""

    def __init__(self) -> None:
        self._handle: socket.socket | None = None
        self._came_in = 0

    def connect(self, host: str, port: int) -> socket.socket:
        sock = socket.create_connection((host, port), timeout=WAIT_SECONDS)
        # a second descriptor of the same connection: TLS takes the first one over, also before it is set up
        self._handle = sock.dup()
        return sock

    def announced(self, size: int) -> None:
        """Called before `size` bytes are read."""
        self._came_in += size
        if size > _LITERAL_BYTES or self._came_in > _VISIT_BYTES:
            raise imaplib.IMAP4.abort("the server sends more than was asked for")

    def hang_up(self) -> None:
        with suppress(OSError):
            if self._handle:
                self._handle.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.hang_up()
        with suppress(OSError):
            if self._handle:
                self._handle.close()


class _Guarded(imaplib.IMAP4):
    """imaplib's connection with the guard. `read` and `readline` are its documented points to override."""

    def __init__(self, line: _Line, host: str, port: int, context: ssl.SSLContext | None) -> None:
        self._line, self._context = line, context
        super().__init__(host, port, timeout=WAIT_SECONDS)

    def _create_socket(self, timeout: float | None = None) -> socket.socket:
        sock = self._line.connect(self.host, self.port)
        return self._context.wrap_socket(sock, server_hostname=self.host) if self._context else sock

    def read(self, size: int) -> bytes:
        """A literal of the announced size."""
        self._line.announced(size)
        return super().read(size)

    def readline(self) -> bytes:
        """One line; imaplib refuses lines over a million bytes."""
        try:
            line = super().readline()
        except imaplib.IMAP4.error as error:  # the rest of the line would be read as the next answer
            raise imaplib.IMAP4.abort(str(error)) from None
        self._line.announced(min(len(line), _LITERAL_BYTES))
        return line


class _Client(IMAPClient):  # type: ignore[misc]  # imapclient carries no types
    """IMAPClient over the guarded connection."""

    def __init__(self, line: _Line, access: Access) -> None:
        self._line = line
        context = ssl.create_default_context() if access.tls == "tls" else None
        super().__init__(
            access.host, access.port, ssl=access.tls == "tls", ssl_context=context, timeout=WAIT_SECONDS
        )
        self.normalise_times = False  # aware times, in the server's zone

    def _create_IMAP4(self) -> _Guarded:
        return _Guarded(self._line, self.host, self.port, self.ssl_context)


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of a mail before a word of it is read. `structure` None: the server's answer is unreadable."""

    headers: bytes
    structure: object | None
    arrived_at: datetime | None


class Mailbox:
    """One visit to the folder. Every method raises `Unreachable` when the visit is over."""

    def __init__(self, client: Any, folder: str) -> None:
        self._client = client
        with _errors():
            selected = client.select_folder(folder)
        self.validity = int(selected.get(b"UIDVALIDITY") or 0) & _LARGEST
        self.over = False

    def uids(self, first: int, marked: str) -> list[int]:
        """The mails from UID `first` on, in their order. `marked`: UNDELETED, or DELETED and not yet removed."""
        with self._asking():
            found = self._client.search(["UID", f"{first}:*", marked])
        return sorted(uid for uid in set(found) if isinstance(uid, int) and first <= uid <= _LARGEST)

    def look(self, uid: int, fields: Sequence[str]) -> Look:
        """Headers, structure and time of arrival: no body. Raises `Gone`."""
        asked = [f"BODY.PEEK[HEADER.FIELDS ({' '.join(fields)})]<0.{HEADER_BYTES}>", "INTERNALDATE"]
        answer = self._fetch(uid, asked)
        try:
            structure = self._fetch(uid, ["BODYSTRUCTURE"]).get(b"BODYSTRUCTURE")
        except (Unreachable, Gone):
            raise
        except (
            Exception
        ):  # IMAPClient parses by recursion and by position: a lying answer breaks it in many ways
            structure = None
        arrived = answer.get(b"INTERNALDATE")
        return Look(
            headers=_section(answer, b"HEADER")[:HEADER_BYTES],
            structure=structure if isinstance(structure, tuple) else None,
            arrived_at=arrived if isinstance(arrived, datetime) and arrived.tzinfo else None,
        )

    def part(self, uid: int, section: str, most: int = PART_BYTES) -> bytes:
        """At most `most` bytes of a part, as they are transferred; empty where there is no such part."""
        if not re.fullmatch(r"[0-9.]+(?:\.MIME)?", section):
            return b""
        return _section(self._fetch(uid, [f"BODY.PEEK[{section}]<0.{most}>"]), section.encode())[:most]

    def remove(self, uids: Sequence[int]) -> None:
        """Delete the mails for good: by UID where the server can, else all that are marked as deleted."""
        with self._asking():
            self._client.delete_messages(uids, silent=True)
            if self._client.has_capability("UIDPLUS"):
                self._client.uid_expunge(uids)
            else:
                self._client.expunge()

    def mark_taken(self, uids: Sequence[int]) -> None:
        """For people who look into the mailbox: these were read."""
        with self._asking():
            self._client.add_flags(uids, [b"\\Seen"], silent=True)

    def _fetch(self, uid: int, asked: Sequence[str]) -> dict[bytes, Any]:
        with self._asking():
            answer = self._client.fetch([uid], asked)
        if uid not in answer:
            raise Gone
        return dict(answer[uid])

    @contextmanager
    def _asking(self) -> Iterator[None]:
        try:
            with _errors():
                yield
        except Unreachable:
            self.over = True
            raise


@contextmanager
def visit(access: Access, seconds: float) -> Iterator[Mailbox]:
    """Sign in and open the folder; hang up at the end, and after `seconds` whatever is going on."""
    line = _Line()
    alarm = threading.Timer(seconds, line.hang_up)
    alarm.daemon = True
    alarm.start()
    try:
        with _errors(all_of_them=True):
            client = _Client(line, access)
            if access.tls == "starttls":
                client.starttls(ssl.create_default_context())
            client.login(access.user, access.password)
        box = Mailbox(client, access.folder)
        yield box
        with suppress(IMAPClientError, OSError, ValueError):
            client.logout()
    finally:
        alarm.cancel()
        line.close()


@contextmanager
def _errors(all_of_them: bool = False) -> Iterator[None]:
    """Connection errors become `Unreachable`; a refusal of one command (NO, BAD) stays an error of that command."""
    try:
        yield
    except (OSError, EOFError, IMAPClientAbortError) as error:
        raise Unreachable(type(error).__name__) from None
    except IMAPClientError as error:
        if all_of_them:
            raise Unreachable(type(error).__name__) from None
        raise
    except ValueError as error:
        if "closed" in str(error):  # the timer hung up between two commands
            raise Unreachable("closed") from None
        raise


def _section(answer: dict[bytes, Any], name: bytes) -> bytes:
    """The literal of a BODY[...] item, by whatever case and partial mark the server names it."""
    for key, value in answer.items():
        if (
            isinstance(key, bytes)
            and key.upper().startswith(b"BODY[" + name.upper())
            and isinstance(value, bytes)
        ):
            return value
    return b""
