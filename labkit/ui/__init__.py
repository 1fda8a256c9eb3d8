"""What a person sees: progress, tables, a chart, and the text of an error."""
