"""What happens, in order: one file a stage. Read `lifecycle` first."""
