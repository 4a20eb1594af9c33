"""The commands for a cluster, one file each, and the parts that they share."""
