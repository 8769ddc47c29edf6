"""An attack on all figures that the shared role reads, public statistics and protected measures together."""
