"""NLM RxNorm: names, codes and relations of clinical drugs, from RRF text to typed tables."""
