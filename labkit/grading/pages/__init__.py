"""Pages of HTML: one for the class, one for each student. They need no server, run no script and load nothing."""
