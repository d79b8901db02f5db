"""The command line: the door that is open also while Prefect is down."""
