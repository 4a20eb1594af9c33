"""A result in every format that it is offered in, for the bridge and the command line alike."""
