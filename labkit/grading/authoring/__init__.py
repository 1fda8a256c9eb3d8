"""Writing new tasks: scaffolds of cells, checks, texts and tests."""
