"""What a run tells a reader: pages that stand alone, and the files that are attached to its product."""
