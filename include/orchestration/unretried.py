"""Which failures Airflow shall not try again: those that a person must mend first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from include.errors import ConfigurationError


@contextmanager
def unretried() -> Iterator[None]:
    """Within it, or in a function that it decorates, a ConfigurationError ends the task at once, retries or not.

    Raises AirflowFailException with the same words: they name the setting.
    """
    from airflow.sdk.exceptions import AirflowFailException

    try:
        yield
    except ConfigurationError as error:
        raise AirflowFailException(str(error)) from None
