"""Where results are kept: one file per store, one conformance suite for all of them."""
