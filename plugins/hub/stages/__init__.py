"""One verb a module: plain functions with typed keyword arguments, none of which imports another stage."""
