"""What decisions rest on: programs whose output they quote."""
