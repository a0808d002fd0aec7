"""No log of the web server holds an address, a path or a word of a visitor, whatever goes wrong."""

from __future__ import annotations

import http.client
import re
import socket
import sqlite3
from contextlib import closing
from urllib.parse import urlencode

import pytest
from stack import Stack, running, wait_for

pytestmark = pytest.mark.journey

SOCKET = "127.9.8.7"  # every address of 127/8 is this machine: this one is nobody else's
SAID = "203.0.113.77"
SAID_SIX = "2001:db8:77::77"
WORDS = ["zanzibarbaz", "quuxolotl", "plughpath", "frobnicated.example"]


def ask(
    stack: Stack, method: str, path: str, body: str = "", host: str = "", said: str = SAID
) -> tuple[int, str]:
    """One request from `SOCKET`, as a proxy would pass it on."""
    connection = http.client.HTTPConnection("127.0.0.1", stack.port, timeout=30, source_address=(SOCKET, 0))
    headers = {"X-Forwarded-For": said, "Host": host or f"localhost:{stack.port}"}
    if body:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    with closing(connection):
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")


def raw(stack: Stack, sent: bytes) -> None:
    """Bytes that are no HTTP."""
    with socket.create_connection(("127.0.0.1", stack.port), 30, source_address=(SOCKET, 0)) as line:
        line.sendall(sent)
        line.settimeout(30)
        line.recv(1000)


def break_the_figures(stack: Stack) -> None:
    """Take a table away, so that a page fails inside."""
    rename = "ALTER TABLE statistics_publicfigure RENAME TO elsewhere"
    if "DATABASE_URL" in stack.env:
        import psycopg

        with psycopg.connect(stack.env["DATABASE_URL"], autocommit=True) as admin:
            admin.execute(rename)
    else:
        with closing(sqlite3.connect(stack.home / "tocsin.sqlite3", timeout=20)) as file:
            file.execute(rename)
            file.commit()


def visit(stack: Stack) -> None:
    """Everything that a visitor can do right and wrong."""
    _status, page = ask(stack, "GET", "/?plughpath=1")
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token is not None
    tip = urlencode({"token": token[1], "text": "zanzibarbaz by the river", "contact": "quuxolotl"})
    assert ask(stack, "POST", "/", tip)[0] == 200
    assert ask(stack, "POST", "/", tip.replace("zanzibarbaz", "quuxolotl"), said=SAID_SIX)[0] == 409
    assert ask(stack, "POST", "/", urlencode({"token": "plughpath", "text": "zanzibarbaz"}))[0] == 403
    assert ask(stack, "POST", "/status", urlencode({"receipt": "plughpath"}))[0] == 200
    assert ask(stack, "GET", "/r/plughpath.quuxolotl")[0] == 404
    assert ask(stack, "GET", "/plughpath/zanzibarbaz")[0] == 404
    assert ask(stack, "GET", "/", host="frobnicated.example")[0] == 400
    assert ask(stack, "POST", "/", "text=" + "zanzibarbaz" * 200_000)[0] == 413
    raw(stack, b"plughpath zanzibarbaz\r\nHost: quuxolotl\r\n\r\n")
    raw(stack, b"GET /plughpath HTTP/1.1\r\nquuxolotl\r\n\r\n")
    break_the_figures(stack)
    assert ask(stack, "GET", "/figures?plughpath=quuxolotl")[0] == 500


def test_whatever_a_visitor_does_no_log_knows_address_path_or_word() -> None:
    with running("logs") as stack:
        stack.env.update(TOCSIN_TRUSTED_PROXIES="127.0.0.0/8", TOCSIN_LOG_LEVEL="INFO")
        stack.start_web()
        visit(stack)
        wait_for("the error in the log", lambda: "Internal Server Error" in stack.logs())
        wait_for("the senseless request in the log", lambda: "Invalid request" in stack.logs())
        text = stack.logs()
        found = [word for word in [SOCKET, SAID, SAID_SIX, *WORDS] if word in text]
        assert found == [], text
        assert "ProgrammingError" in text or "OperationalError" in text, "what went wrong is there: its class"
