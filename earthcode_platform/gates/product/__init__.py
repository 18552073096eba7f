"""Is what the workflow wrote what a reader elsewhere will take it for? Every file is opened again and looked at."""
