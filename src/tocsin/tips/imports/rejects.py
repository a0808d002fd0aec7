"""FILE.rejected: the rows that were not taken, as JSON lines with line and reason. It never holds their content."""

from __future__ import annotations

import json
import os
from pathlib import Path
from types import TracebackType
from typing import IO

from tocsin.tips.imports.source import Rejected


class Rejects:
    """Made with the first rejected row, with mode 0600. A file that is there is left alone: a number is added."""

    def __init__(self, beside: Path | None) -> None:
        self._beside = beside
        self.file: Path | None = None
        self.error = ""
        self._out: IO[str] | None = None

    def __enter__(self) -> Rejects:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._out is not None:
            self._out.close()

    def write(self, row: Rejected) -> None:
        """One row. Where no file can be made, the summary has the first rows and `error` says why."""
        if self._beside is None or self.error:
            return
        try:
            out = self._out = self._out or self._new(self._beside)
        except OSError as error:
            self.error = error.strerror or "it cannot be written"
            return
        out.write(json.dumps({"line": row.line, "reason": row.reason}, ensure_ascii=False) + "\n")

    def _new(self, beside: Path) -> IO[str]:
        number = 1
        while True:
            file = beside.with_name(beside.name + ".rejected" + (f".{number}" if number > 1 else ""))
            try:
                descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            except FileExistsError:
                number += 1
                continue
            self.file = file
            return os.fdopen(descriptor, "w", encoding="utf-8", errors="replace")
