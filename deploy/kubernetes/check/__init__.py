"""Checked without a cluster: the manifests are built, held against the schema of every resource, and scored."""
