"""What programs read: each document of `--json`, of the archive and of the views, with its fields in words and units."""
