"""Reading manifests: YAML files, ConfigMaps in them, and changes from the command line."""
