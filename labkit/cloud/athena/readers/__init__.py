"""How files of each SerDe become rows with the table's columns."""
