"""What a municipality changes: settings from the environment and the catalogue in YAML."""
