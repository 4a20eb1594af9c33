"""Results as a client gets them: whole files, parts, tables."""
