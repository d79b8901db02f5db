"""Den daglige kørsel: what the calendar does."""
