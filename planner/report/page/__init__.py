"""The HTML page: what it brings together, its map, charts, links, filters and what it holds for download."""
