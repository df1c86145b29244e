"""The screen a customer touches. Shows visits and hands on presses; decides nothing."""
