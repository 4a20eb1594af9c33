"""What requests pass before any route, and answers after it: proxies, other origins, HEAD."""
