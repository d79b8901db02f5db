"""Personer: rights over data."""
