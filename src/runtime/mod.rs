//! Runs a graph as real processes and watches it until its end.
