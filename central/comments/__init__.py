"""What customers wrote: kept sealed, read by managers, erased when the customer asks for it."""
