"""Kill anything, at any line: no krone is booked twice or lost, no promise forgotten."""
