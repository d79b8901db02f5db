"""What machines read: JSON, lists, maps and calendars."""
