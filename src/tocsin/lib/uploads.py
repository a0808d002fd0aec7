"""No media, ever: a file part is noticed and thrown away unread, so that the page can say so and keep the text."""

from __future__ import annotations

from typing import Any, NoReturn

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


def refused(request: HttpRequest) -> bool:
    """Whether the request brought a file part (after `request.POST` was read)."""
    request.POST  # noqa: B018 - reading it is what runs the handler
    return bool(getattr(request, "file_refused", False))
