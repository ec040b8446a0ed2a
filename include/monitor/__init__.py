"""How the feeds do, read once and shown in several places: `stocks monitor`, the page in Airflow, a DAG's log."""
