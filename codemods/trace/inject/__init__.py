"""The folder that goes first on PYTHONPATH of a traced command; holds sitecustomize alone."""
