"""What draws: each module is one part of the screen."""
