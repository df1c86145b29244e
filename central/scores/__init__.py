"""What the counts say: scores by branch, day, hour, stage and touchpoint, and the answers behind them."""
