"""What an experiment must pass before it runs: one family of checks a file, findings out, nothing raised."""
