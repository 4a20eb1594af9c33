"""HTTP to the Kubernetes API server, shared by operator and bridge.

Configuration and credentials come from the `kubernetes` package; its typed models are left out, because
building them costs more than the calls. Here are the paths of the objects that we deal with, calls with JSON
in and out, lists in pages and watches that read no more of an object than is needed, and the rule for
writing a status into an object that others write into, too.
"""
