"""Central's tables, their migrations, and the one ingest statement per database."""
