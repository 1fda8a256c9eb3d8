"""The parity table as a person sees it: in a terminal, in a notebook, as a page of Markdown."""
