"""The central scoring server: keeps every answer once, scores each branch, looks after the kiosks."""
