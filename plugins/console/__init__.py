"""Our pages in Airflow: doors only. What they show is made in ``include/``."""
