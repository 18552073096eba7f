"""Commands that nobody vouches for, each in a process of its own: what it sees, what it may use, how it ends."""
