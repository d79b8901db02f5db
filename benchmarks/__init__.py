"""Ratios, measured side by side in one run on one machine; no assertion on time."""
