"""What is true: tables and pure rules. Knows neither Prefect, mail nor HTTP."""
