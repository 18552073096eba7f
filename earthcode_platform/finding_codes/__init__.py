"""Every code of a finding, declared once: one file a family, one line a code."""
