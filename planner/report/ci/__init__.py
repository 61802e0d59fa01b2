"""What the formats for CI systems share: entries with fingerprints, and Markdown that nothing breaks out of."""
