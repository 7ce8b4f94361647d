"""Runs the jobs, in-process or over Redis; dramatiq is used nowhere else."""
