"""The endpoints of the original service, for the Job Manager."""
