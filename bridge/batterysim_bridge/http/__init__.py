"""HTTP below the API: how requests are read and how errors are answered."""
