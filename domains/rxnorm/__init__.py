"""NLM RxNorm: names, codes and relations of clinical drugs, published as RRF files."""
