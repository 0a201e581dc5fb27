"""FDA NSDE: Comprehensive NDC SPL Data Elements."""
