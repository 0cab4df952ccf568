"""The tests of the package, the notebooks, the pages and the tools."""
