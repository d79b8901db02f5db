"""What keeps running: the supervisor, the runner and the reconcile."""
