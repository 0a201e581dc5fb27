"""Files over HTTP: which address, how it is asked, and a download that ends whatever the server does."""
