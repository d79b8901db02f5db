"""Others' systems: the keys they come with, what they were answered, and the events they are told."""
