"""Hive DDL: statements that change or show the catalog."""
