"""Links of a catalog that lead outside: which there are, whether they answer, and what that means for the catalog."""
