"""Airflow as tests need it: its own home and database, nothing inherited. Set before Airflow is imported."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_PROJECT = Path(__file__).resolve().parents[2]
_HOME = tempfile.TemporaryDirectory(prefix="airflow-")

for _name in [name for name in os.environ if name.startswith(("AIRFLOW__", "AIRFLOW_CONN_", "SCRAPE_"))]:
    del os.environ[_name]
os.environ |= {
    "AIRFLOW_HOME": _HOME.name,
    "AIRFLOW__CORE__UNIT_TEST_MODE": "True",
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__DAGS_FOLDER": str(_PROJECT / "dags"),
    "AIRFLOW__CORE__PLUGINS_FOLDER": str(_PROJECT / "plugins"),
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{_HOME.name}/airflow.db",
}


@pytest.fixture(scope="session")
def dagbag() -> Any:
    """Our DAGs, as Airflow parses them."""
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(_PROJECT / "dags")


@pytest.fixture(scope="session")
def airflow_database(dagbag: Any) -> Iterator[None]:
    """Airflow's own database, with our DAGs in it: `dag.test` needs both."""
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import sync_bag_to_db
    from airflow.utils import db

    db.initdb()
    DagBundlesManager().sync_bundles_to_db()
    sync_bag_to_db(dagbag, "dags-folder", None)
    yield
