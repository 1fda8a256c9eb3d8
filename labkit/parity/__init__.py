"""What runs here as on AWS, what differs and what is not run: one table as data, a row a feature, with its evidence and its date."""
