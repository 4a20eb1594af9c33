"""A shard of a sweep in a pod of an Indexed Job, which talks to the bridge."""
