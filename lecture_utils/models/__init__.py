"""One file per system of the lecture, each small enough to be built up in a chapter."""
