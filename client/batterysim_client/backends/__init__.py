"""The ways to the simulations: the API server by kubeconfig, or the REST API of the bridge."""
