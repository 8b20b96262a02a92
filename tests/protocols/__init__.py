"""What every store must do, asked of every store there is, through the Protocols alone."""
