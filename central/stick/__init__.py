"""What comes to central on a stick: opened, stored as if it had come by network, answered for the way back."""
