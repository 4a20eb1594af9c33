"""Files that are made from others: `make generate`."""
