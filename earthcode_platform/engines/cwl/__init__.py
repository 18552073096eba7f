"""The engine for CWL workflows and EO application packages (Common Workflow Language; OGC 20-089)."""
