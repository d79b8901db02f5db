"""How what is true reaches people: documents, letters, mail. Decides nothing."""
