"""What a page looked like that could not be read: kept in a folder, named in the dead letter."""

from __future__ import annotations

import logging
import re
import secrets
import shutil
from datetime import UTC, datetime
from pathlib import Path

log = logging.getLogger(__name__)

KEPT = 50  # folders; the oldest go first
_DOCUMENT_CHARS = 5_000_000


class Evidence:
    """A folder of folders, bounded in number."""

    def __init__(self, folder: Path, *, kept: int = KEPT) -> None:
        self._folder = folder
        self._kept = kept

    def keep(self, about: str, document: str, screenshot: bytes) -> str | None:
        """Keep the page's DOM and its picture; -> the folder's name, None if it could not be written."""
        slug = re.sub(r"[^a-z0-9]+", "-", about.lower()).strip("-")[:60]
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{slug}-{secrets.token_hex(2)}"
        try:
            folder = self._folder / name
            folder.mkdir(parents=True)
            (folder / "page.html").write_text(document[:_DOCUMENT_CHARS], encoding="utf-8", errors="replace")
            (folder / "screenshot.png").write_bytes(screenshot)
            self._prune()
        except OSError as error:
            # The page's failure is what counts; that nothing could be kept of it is said beside it.
            log.warning("no evidence of %s could be kept in %s: %s", about, self._folder, error)
            return None
        return name

    def _prune(self) -> None:
        folders = sorted(path for path in self._folder.iterdir() if path.is_dir())  # named by time
        for old in folders[: -self._kept]:
            shutil.rmtree(old, ignore_errors=True)
