"""openEO process graphs as documents: their nodes, what refers to what, and what is wrong with their form."""
