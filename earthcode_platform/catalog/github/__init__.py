"""The catalog on GitHub: branches in a fork, reviews as pull requests."""
