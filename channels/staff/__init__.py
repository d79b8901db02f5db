"""The staff's desk (Opgaver): the pages for the people everything waits for, behind a sign-in."""
