"""The terminal: lines, rows by cause, the table that fits the window, and the next command."""
