"""The validator of a whole catalog: rules by kind of entry, official schemas, and a verdict."""
