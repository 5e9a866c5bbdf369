"""Benchmarks: each prints ratios taken side by side in one run and writes them under var/bench."""
