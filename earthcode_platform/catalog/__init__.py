"""The Open Science Catalog: read it, compute a changeset (pure), publish it as one commit."""
