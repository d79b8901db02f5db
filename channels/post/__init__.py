"""Post: letters, mail and SMS on their way to people."""
