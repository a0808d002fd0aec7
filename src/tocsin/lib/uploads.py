"""No media, ever: a file part is noticed and thrown away unread, so that the page can say so and keep the text.

One page of the console takes the text export of a chat (`KeepText`): in memory only, since what is in it is sealed
before it is first on a disk.
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest


class Refuse(FileUploadHandler):
    """The only upload handler: it marks the request and skips the part."""

    def new_file(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Called where a part with a file name begins."""
        if self.request is not None:
            self.request.file_refused = True  # type: ignore[attr-defined]  # read by `refused`
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Never reached with content: the part is skipped."""

    def file_complete(self, file_size: int) -> None:
        """There is no file."""


class KeepText(FileUploadHandler):
    """One text file of at most `MOST` bytes, kept in memory; anything longer is dropped and noticed."""

    MOST = 20 << 20

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """A part with a file name begins."""
        super().new_file(*args, **kwargs)
        self.kept = bytearray()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep the chunk, as long as there is room."""
        if start + len(raw_data) > self.MOST:
            self.request.file_too_long = True  # type: ignore[union-attr]  # read by the view
            raise SkipFile
        self.kept += raw_data

    def file_complete(self, file_size: int) -> SimpleUploadedFile:
        """The file, in memory."""
        return SimpleUploadedFile(self.file_name or "file", bytes(self.kept), self.content_type or "")


def refused(request: HttpRequest) -> bool:
    """Whether the request brought a file part (after `request.POST` was read)."""
    request.POST  # noqa: B018 - reading it is what runs the handler
    return bool(getattr(request, "file_refused", False))
