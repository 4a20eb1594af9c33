"""What the bridge asks of Kubernetes: objects, rights, identities."""
