"""The pages head office and branches read: each number with its n, its interval and its days. Reads only."""
