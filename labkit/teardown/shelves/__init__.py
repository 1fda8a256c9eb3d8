"""One kind of resource a module: what there is of it, the tags it carries, and how it is deleted with all that hangs on it."""
