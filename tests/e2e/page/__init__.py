"""The page in a browser, on the real cluster."""
