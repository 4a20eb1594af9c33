"""From a stored result to what a client asked for: a format, a part of it, a picture."""
