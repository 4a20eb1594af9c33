"""The words of docs, messages and docstrings, checked against docs/style.md."""
