"""The list of DAGs, made from their files: each begins with a docstring, which Airflow shows too."""

from __future__ import annotations

import ast

from include.settings import PROJECT


def pages() -> dict[str, str]:
    """The page about the DAGs; the files are read, not run."""
    parts = ["# DAGs", "", "Made from the docstrings in `dags/`, which Airflow shows on each DAG's page.", ""]
    for path in sorted((PROJECT / "dags").glob("*.py")):
        text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        parts += [f"## {path.stem}", "", text, ""]
    return {"dags.md": "\n".join(parts)}
