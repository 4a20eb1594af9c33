"""The Job Manager's side: its endpoints, messages and fleets."""
