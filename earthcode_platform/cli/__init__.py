"""The `earthcode-platform` command, for those who want no server."""
