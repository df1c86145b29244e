"""What the kiosk keeps on disk: answers and what the sync agent knows, one writer for each file."""
