"""What we ask of Prefect and its server, and nothing else."""
