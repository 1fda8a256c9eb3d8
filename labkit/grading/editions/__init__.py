"""From one source notebook to the editions of it: for students and with solutions, in each language."""
