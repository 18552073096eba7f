"""From nothing to a publishable experiment: a folder to begin with, and what `develop` tries out in it."""
