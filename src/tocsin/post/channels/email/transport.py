"""SMTP, with the standard library. One connection serves a batch."""

from __future__ import annotations

import smtplib
import ssl
from email.parser import BytesHeaderParser
from types import TracebackType

from django.conf import settings

TIMEOUT_SECONDS = 30


class DeliveryError(Exception):
    """A message was not taken. `permanent`: trying again will not help. The text holds no address."""

    def __init__(self, sentence: str, permanent: bool) -> None:
        super().__init__(sentence)
        self.permanent = permanent


class Transport:
    """A connection to the hotline's mail server, opened on first use."""

    def __init__(self) -> None:
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> Transport:
        return self

    def __exit__(
        self, _t: type[BaseException] | None, _e: BaseException | None, _b: TracebackType | None
    ) -> None:
        if self._server:
            try:
                self._server.quit()
            except (smtplib.SMTPException, OSError):
                self._server.close()

    def send(self, address: str, content: bytes) -> None:
        """Hand over one message; returns once the server has taken it. Raises `DeliveryError`."""
        try:
            server = self._connected()
            server.sendmail(_return_path(content), [address], content)
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            raise DeliveryError(
                f"The mail server refused the recipient (SMTP {code}).", code >= 500
            ) from None
        except smtplib.SMTPResponseException as error:
            self._drop()
            # a refused login, greeting or sender says something about our settings, nothing about this message
            permanent = error.smtp_code >= 500 and isinstance(error, smtplib.SMTPDataError)
            raise DeliveryError(f"The mail server answered SMTP {error.smtp_code}.", permanent) from None
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise DeliveryError(
                f"The mail server cannot be reached ({type(error).__name__}).", False
            ) from None

    def _connected(self) -> smtplib.SMTP:
        if self._server is not None:
            return self._server
        host, port = settings.SMTP_HOST, settings.SMTP_PORT
        context = ssl.create_default_context()
        if settings.SMTP_TLS == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=context)
        else:
            server = smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
            if settings.SMTP_TLS == "starttls":
                server.starttls(context=context)
        if settings.SMTP_USER:
            server.login(settings.SMTP_USER, settings.SMTP_PASSWORD)
        self._server = server
        return server

    def _drop(self) -> None:
        if self._server:
            self._server.close()
        self._server = None


def _return_path(content: bytes) -> str:
    """An automatic answer leaves with an empty one, so that its bounce starts no loop (RFC 3834, section 3.3)."""
    headers = BytesHeaderParser().parsebytes(content)
    return "" if headers.get("Auto-Submitted", "").startswith("auto-replied") else settings.MAIL_FROM
