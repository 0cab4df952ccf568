"""Every data set of the book: made here, or read from the real files."""
