"""What a person can be asked: one module a question, free of Prefect and of HTML, and one table of them all."""
