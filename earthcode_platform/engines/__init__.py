"""One engine for each workflow language, all behind `contract.Engine`, all found by entry point."""
