"""What the DAGs need of us: the plan, the doorbell, the drain, the wait for a run's end."""
