"""Runs maild under load while everything around it fails, and checks that nothing was lost or done twice."""
