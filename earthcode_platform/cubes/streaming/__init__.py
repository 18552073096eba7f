"""Products written block by block as they are computed: flat in memory, and resumed after a crash."""
