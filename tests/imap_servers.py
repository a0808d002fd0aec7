"""Mail servers on loopback for the tests: Debian's Dovecot, unprivileged; a proxy that counts; one that lies."""

from __future__ import annotations

import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

DOVECOT = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or ""
PASSWORD = "letterbox"
CONFIGURATION = """
base_dir = {home}/base
state_dir = {home}/base
log_path = {home}/log
protocols = imap
ssl = {ssl}
{certificate}
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{home}/mail/%u
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={home}/mail/%u
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {tls_port}
    ssl = yes
  }}
}}
"""


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Dovecot:
    """A running server. Every user name is a mailbox of its own, with the same password."""

    def __init__(self, home: Path, port: int, tls_port: int) -> None:
        self.home, self.port, self.tls_port = home, port, tls_port
        self.authority = str(home / "cert.pem")

    @contextmanager
    def signed_in(self, user: str) -> Iterator[imaplib.IMAP4]:
        """A connection of the mailbox's owner."""
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=30) as client:
            client.login(user, PASSWORD)
            yield client

    def deliver(self, user: str, *mails: bytes) -> None:
        """Put mails into the inbox."""
        with self.signed_in(user) as client:
            for mail in mails:
                answer, _data = client.append(
                    "INBOX", None, None, mail.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
                )
                assert answer == "OK"

    def left(self, user: str) -> list[bytes]:
        """The subjects of the mails that are still in the inbox."""
        with self.signed_in(user) as client:
            client.select("INBOX", readonly=True)
            if client.search(None, "ALL")[1] == [b""]:
                return []
            _answer, data = client.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
            return [row[1].partition(b":")[2].strip() for row in data if isinstance(row, tuple)]

    def renumber(self, user: str) -> None:
        """The same mails with other UIDs under another UIDVALIDITY, as after a move to another server."""
        for file in (self.home / "mail" / user).glob("dovecot*"):
            if not file.name.startswith("dovecot-uidvalidity"):
                file.unlink()


@contextmanager
def dovecot() -> Iterator[Dovecot]:
    """Start Dovecot under one ordinary user and stop it at the end."""
    home = Path(tempfile.mkdtemp(prefix="tocsin-dovecot-"))
    user = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    group = subprocess.run(
        ["id", "-gn", user.pw_name], capture_output=True, text=True, check=True
    ).stdout.strip()
    (home / "base").mkdir()
    (home / "mail").mkdir()
    certificate, key = _certificate(home)
    port, tls_port = free_port(), free_port()
    (home / "conf").write_text(
        CONFIGURATION.format(
            home=home,
            user=user.pw_name,
            group=group,
            port=port,
            tls_port=tls_port,
            password=PASSWORD,
            ssl="yes",
            certificate=f"ssl_cert = <{certificate}\nssl_key = <{key}",
        )
    )
    if os.getuid() == 0:
        subprocess.run(["chown", "-R", f"{user.pw_uid}:{user.pw_gid}", str(home)], check=True)
    process = subprocess.Popen(
        [DOVECOT, "-F", "-c", str(home / "conf")],
        user=user.pw_uid if os.getuid() == 0 else None,
        group=user.pw_gid if os.getuid() == 0 else None,
        extra_groups=[] if os.getuid() == 0 else None,
        stderr=subprocess.DEVNULL,
    )
    try:
        _answers(process, port)
        yield Dovecot(home, port, tls_port)
    finally:
        process.terminate()
        process.wait(timeout=30)
        shutil.rmtree(home, ignore_errors=True)


def _certificate(home: Path) -> tuple[Path, Path]:
    certificate, key = home / "cert.pem", home / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


def _answers(process: subprocess.Popen[bytes], port: int) -> None:
    """Until the server greets."""
    while process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as probe:
            if probe.recv(4):
                return
    raise RuntimeError("dovecot did not start")


def _deaf(listener: socket.socket) -> None:
    with suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept
    listener.close()


class Proxy:
    """Passes everything on and keeps what the server sent: `came_in` is all that reached our process."""

    def __init__(self, port: int) -> None:
        self.came_in = bytearray()
        self.asked = bytearray()
        self.connections = 0
        self.stopped = threading.Event()
        self._stop = b""
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                near, _address = self._listener.accept()
                self.connections += 1
                far = socket.create_connection(("127.0.0.1", self._to))
                threading.Thread(target=self._pass, args=(near, far, self.asked), daemon=True).start()
                threading.Thread(target=self._pass, args=(far, near, self.came_in), daemon=True).start()

    def stop_at(self, command: bytes) -> None:
        """Let nothing through from this command on, and say so; empty: let everything through."""
        self.stopped.clear()
        self._stop = command

    def _pass(self, source: socket.socket, target: socket.socket, kept: bytearray) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                kept += data
                if kept is self.asked and self._stop and self._stop in data:
                    self.stopped.set()
                    return
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """No further connections."""
        _deaf(self._listener)


Answer = Callable[[str], bytes | None]


class Scripted:
    """A server that says what the test wants. `answer(command)` gives the untagged part, or None to hang up.

    The commands come without their tag. What the test does not answer (empty bytes) is answered as an honest
    server with an empty mailbox would.
    """

    def __init__(self, answer: Answer, greeting: bytes = b"* OK ready\r\n") -> None:
        self._answer, self._greeting = answer, greeting
        self.commands: list[str] = []
        self.said = 0
        self._file: Any = None
        self.released = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _address = self._listener.accept()
                threading.Thread(target=self._speak, args=(connection,), daemon=True).start()

    def say(self, piece: bytes) -> None:
        """Send a piece of an answer at once."""
        self.said += 1
        self._file.write(piece)
        self._file.flush()

    def _speak(self, connection: socket.socket) -> None:
        with suppress(OSError, ValueError), connection, connection.makefile("rwb") as file:
            self._file = file
            file.write(self._greeting)
            file.flush()
            for line in file:
                tag, _blank, command = line.decode().strip().partition(" ")
                self.commands.append(command)
                said = self._answer(command)
                if said is None:
                    return
                file.write((said or _honest(command)) + f"{tag} OK done\r\n".encode())
                file.flush()

    def close(self) -> None:
        """No further connections; whoever waits is let go."""
        self.released.set()
        _deaf(self._listener)


def _honest(command: str) -> bytes:
    word = command.upper()
    if word.startswith("CAPABILITY"):
        return b"* CAPABILITY IMAP4rev1 UIDPLUS\r\n"
    if word.startswith("SELECT"):
        return b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] valid\r\n* OK [UIDNEXT 2] next\r\n"
    if word.startswith("UID SEARCH"):
        return b"* SEARCH 1\r\n"
    if word.startswith("LOGOUT"):
        return b"* BYE good day\r\n"
    return b""
