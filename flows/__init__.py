"""When it happens: one module a stage, and the only place that knows Prefect."""
