"""The database; SQLAlchemy is used nowhere else."""
