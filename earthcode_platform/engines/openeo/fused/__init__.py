"""Graphs that work pixel by pixel, computed a spatial block at a time: one task reads, masks, computes and reduces."""
