"""What each function of the pipeline does."""
