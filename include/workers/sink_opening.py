"""Whether a route's store is there: asked from the start, so that nobody learns it from the first message."""

from __future__ import annotations

import logging
import time
from typing import Any

from include.errors import Transient
from include.stores.base import Store

log = logging.getLogger(__name__)

_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.25, 15.0


class Opening:
    """Writes an empty batch into ``store`` until that was taken once; what happens later is the writer's to tell.

    ``because`` says why it was not taken yet, and is None from then on.
    """

    def __init__(self, name: str, store: Store[Any]) -> None:
        self._name = name
        self._store = store
        self._wait_s = _FIRST_WAIT_S
        self._again_at = 0.0
        self._refused = False
        self.because: str | None = "its store is being opened"

    def fault(self) -> str | None:
        """``because``, after another try if one is due. Raises Unfit for a store that a person must mend."""
        if self.because is not None and time.monotonic() >= self._again_at:
            self._try()
        return self.because

    def _try(self) -> None:
        try:
            self._store.write([])
        except Transient as error:
            self.because, self._refused = str(error), True
            self._again_at = time.monotonic() + self._wait_s
            self._wait_s = min(2 * self._wait_s, _LONGEST_WAIT_S)
            return
        if self._refused:
            log.info("%s: its store is there", self._name)
        self.because = None
